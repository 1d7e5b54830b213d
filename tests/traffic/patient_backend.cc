#include "tests/traffic/patient_backend.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <string_view>

namespace libra::traffic {

namespace {

constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n";

void watch(const Fd& poll, int fd) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = fd;
  ::epoll_ctl(poll.get(), EPOLL_CTL_ADD, fd, &event);
}

}  // namespace

PatientBackend::PatientBackend(std::chrono::milliseconds delay)
    : delay_(delay), listener_(SOCK_NONBLOCK), stop_(::eventfd(0, EFD_CLOEXEC)), poll_(::epoll_create1(EPOLL_CLOEXEC)) {
  watch(poll_, listener_.get());
  watch(poll_, stop_.get());
  thread_ = std::thread([this] { run(); });
}

PatientBackend::~PatientBackend() {
  ::eventfd_write(stop_.get(), 1);
  thread_.join();
}

void PatientBackend::run() {
  for (;;) {
    epoll_event events[64];
    const int count = ::epoll_wait(poll_.get(), events, 64, patience());
    for (int i = 0; i < count; ++i) {
      const int fd = events[i].data.fd;
      if (fd == stop_.get()) return;
      fd == listener_.get() ? accept() : read(fd);
    }
    answerDue();
  }
}

void PatientBackend::accept() {
  for (;;) {
    Fd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!fd) return;
    const int number = fd.get();
    watch(poll_, number);
    open_[number] = {std::move(fd), ++connections_, {}};
  }
}

void PatientBackend::read(int fd) {
  char buffer[4096];
  auto& connection = open_.at(fd);
  const auto got = ::recv(fd, buffer, sizeof buffer, 0);
  if (got <= 0) return close(fd);
  auto& request = connection.request;
  request.append(buffer, static_cast<std::size_t>(got));
  if (!request.ends_with("\r\n\r\n")) return;
  request.clear();
  ++requests_;
  due_.push_back({std::chrono::steady_clock::now() + delay_, fd, connection.number});
}

// While this process starts another, that one has copies of descriptors for an instant; what is
// closed just then would go on being watched.
void PatientBackend::close(int fd) {
  ::epoll_ctl(poll_.get(), EPOLL_CTL_DEL, fd, nullptr);
  open_.erase(fd);
}

// The connection may have gone since, and its number may be another's.
void PatientBackend::answerDue() {
  const auto now = std::chrono::steady_clock::now();
  for (; !due_.empty() && due_.front().at <= now; due_.pop_front()) {
    const auto found = open_.find(due_.front().fd);
    if (found == open_.end() || found->second.number != due_.front().connection) continue;
    if (::send(found->first, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL) < 0) close(found->first);
  }
}

int PatientBackend::patience() const {
  if (due_.empty()) return -1;
  const auto left = due_.front().at - std::chrono::steady_clock::now();
  return std::max(0, static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(left).count()));
}

}  // namespace libra::traffic
