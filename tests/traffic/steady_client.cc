#include "tests/traffic/steady_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "tests/traffic/http_probe.h"

namespace libra::traffic {

namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr std::string_view kRequest = "GET / HTTP/1.0\r\nHost: libra.example\r\n\r\n";

bool waitUntil(const std::atomic<int>& count, int more, milliseconds limit) {
  const int wanted = count + more;
  const auto deadline = Clock::now() + limit;
  while (count < wanted && Clock::now() < deadline) std::this_thread::sleep_for(milliseconds(1));
  return count >= wanted;
}

// "": a whole status line that says 200. What follows it is not waited for.
std::string judge(int fd) {
  std::array<char, 1024> answer;
  const auto got = ::recv(fd, answer.data(), answer.size(), 0);
  if (got < 0) return std::strerror(errno);
  const std::string_view text(answer.data(), static_cast<std::size_t>(got));
  if (text.empty()) return "closed without an answer";
  return text.substr(0, 5) == "HTTP/" && text.substr(8, 5) == " 200 " ? "" : "not 200";
}

}  // namespace

SteadyClient::SteadyClient(const NetAddress& address, std::uint16_t port, Options options)
    : options_(std::move(options)), poll_(::epoll_create1(EPOLL_CLOEXEC)) {
  thread_ = std::thread([this, address, port] {
    if (options_.netns.empty() || enterNetns(options_.netns)) run(address, port);
  });
}

void SteadyClient::run(const NetAddress& address, std::uint16_t port) {
  for (auto next = Clock::now(); !stopping_;) {
    const auto now = Clock::now();
    giveUpOld(now);
    if (now >= next) {
      begin(address, port, now);
      next = std::max(next + options_.pace, now);
    }
    const auto wait = std::chrono::ceil<milliseconds>(next - Clock::now());
    std::array<epoll_event, 64> events;
    const int ready =
        ::epoll_wait(poll_.get(), events.data(), events.size(), std::max(0, static_cast<int>(wait.count())));
    for (int i = 0; i < ready; ++i) progress(events[i].data.fd, events[i].events);
  }
}

void SteadyClient::begin(const NetAddress& address, std::uint16_t port, Instant now) {
  sockaddr_storage where{};
  const auto length = socketAddress(address, port, where);
  Fd fd(::socket(where.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int number = fd.get();
  const linger at_once{1, 0};  // ports of closed connections are free again
  ::setsockopt(number, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  open_[number] = {std::move(fd), now};
  order_.emplace_back(now, number);
  if (::connect(number, reinterpret_cast<const sockaddr*>(&where), length) != 0 && errno != EINPROGRESS)
    return end(number, std::strerror(errno));
  epoll_event event{.events = EPOLLOUT, .data = {.fd = number}};
  ::epoll_ctl(poll_.get(), EPOLL_CTL_ADD, number, &event);
}

void SteadyClient::progress(int fd, std::uint32_t events) {
  auto& connection = open_.at(fd);
  if (connection.asked) return end(fd, judge(fd));
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return end(fd, std::strerror(error));
  if ((events & EPOLLOUT) == 0) return;
  if (::send(fd, kRequest.data(), kRequest.size(), MSG_NOSIGNAL) < 0) return end(fd, std::strerror(errno));
  connection.asked = true;
  epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
  ::epoll_ctl(poll_.get(), EPOLL_CTL_MOD, fd, &event);
}

void SteadyClient::giveUpOld(Instant now) {
  for (; !order_.empty() && now - order_.front().first > options_.patience; order_.pop_front()) {
    const auto found = open_.find(order_.front().second);
    if (found != open_.end() && found->second.begin == order_.front().first) end(found->first, "no answer in time");
  }
}

void SteadyClient::end(int fd, std::string failure) {
  ++(failure.empty() ? answered_ : failed_);
  attempts_.push_back({open_.at(fd).begin, Clock::now(), std::move(failure)});
  ::epoll_ctl(poll_.get(), EPOLL_CTL_DEL, fd, nullptr);  // a child about to exec may hold it open still
  open_.erase(fd);
}

bool SteadyClient::waitForAnswers(int more, milliseconds limit) const { return waitUntil(answered_, more, limit); }
bool SteadyClient::waitForFailures(int more, milliseconds limit) const { return waitUntil(failed_, more, limit); }

void SteadyClient::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

Outage outageAfter(SteadyClient::Instant since, const std::vector<SteadyClient::Attempt>& attempts) {
  Outage outage;
  SteadyClient::Instant last{};
  for (const auto& attempt : attempts) {
    if (!attempt.failure.empty()) {
      ++outage.failed;
      ++outage.failures[attempt.failure];
      continue;
    }
    const std::chrono::duration<double, std::milli> gap = attempt.end - last;
    if (last != SteadyClient::Instant{} && attempt.end > since) outage.ms = std::max(outage.ms, gap.count());
    last = attempt.end;
  }
  return outage;
}

}  // namespace libra::traffic
