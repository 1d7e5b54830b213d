#include "tests/support/tiny_backend.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <map>
#include <stdexcept>
#include <vector>

namespace libra::test {

namespace {

constexpr const char* kEndOfHead = "\r\n\r\n";

sockaddr_in at(const std::string& address, std::uint16_t port) {
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port);
  ::inet_pton(AF_INET, address.c_str(), &where.sin_addr);
  return where;
}

bool sendAll(int fd, const std::string& text) {
  return ::send(fd, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
}

std::size_t contentLength(const std::string& head) {
  const auto found = head.find("ontent-length: ");
  return found == head.npos ? 0 : std::stoul(head.substr(found + 15));
}

HttpAnswer readAnswer(int fd) {
  HttpAnswer answer;
  std::string text;
  char buffer[4096];
  for (;;) {
    const auto end = text.find(kEndOfHead);
    if (end != text.npos && text.size() >= end + 4 + contentLength(text.substr(0, end))) {
      answer.status = std::stoi(text.substr(9, 3));
      answer.head = text.substr(0, end);
      answer.body = text.substr(end + 4);
      return answer;
    }
    const auto got = ::recv(fd, buffer, sizeof buffer, 0);
    if (got <= 0) return {};
    text.append(buffer, static_cast<std::size_t>(got));
  }
}

}  // namespace

TinyBackend::TinyBackend(std::string name)
    : name_(std::move(name)),
      listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
      stop_(::eventfd(0, EFD_CLOEXEC)) {
  auto where = at("127.0.0.1", 0);
  socklen_t size = sizeof where;
  auto* address = reinterpret_cast<sockaddr*>(&where);
  if (::bind(listener_.get(), address, size) != 0 || ::listen(listener_.get(), 128) != 0 ||
      ::getsockname(listener_.get(), address, &size) != 0)
    throw std::runtime_error("cannot listen");
  port_ = ntohs(where.sin_port);
  thread_ = std::thread([this] { run(); });
}

TinyBackend::~TinyBackend() {
  ::eventfd_write(stop_.get(), 1);
  thread_.join();
}

void TinyBackend::run() {
  std::map<int, std::pair<Fd, std::string>> open;
  for (;;) {
    std::vector<pollfd> polls{{stop_.get(), POLLIN, 0}, {listener_.get(), POLLIN, 0}};
    for (const auto& [fd, connection] : open) polls.push_back({fd, POLLIN, 0});
    ::poll(polls.data(), polls.size(), -1);
    if (polls[0].revents) return;
    if (polls[1].revents) {
      Fd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      const int number = fd.get();
      ++connections_;
      if (fd) open[number].first = std::move(fd);
    }
    for (std::size_t i = 2; i < polls.size(); ++i)
      if (polls[i].revents && !answer(polls[i].fd, open[polls[i].fd].second)) open.erase(polls[i].fd);
  }
}

bool TinyBackend::answer(int fd, std::string& request) const {
  char buffer[4096];
  const auto got = ::recv(fd, buffer, sizeof buffer, 0);
  if (got <= 0) return false;
  request.append(buffer, static_cast<std::size_t>(got));
  if (request.find(kEndOfHead) == request.npos) return true;
  const auto body = name_ + "\n" + std::exchange(request, {});
  const bool missing = body.find("GET /missing") != body.npos;
  return sendAll(fd, std::string("HTTP/1.1 ") + (missing ? "404 Not Found" : "200 OK") +
                         "\r\nContent-Length: " + std::to_string(body.size()) + kEndOfHead + body);
}

KeptConnection::KeptConnection(std::uint16_t port, const std::string& address) {
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  const bool is_v6 = ::inet_pton(AF_INET6, address.c_str(), &v6.sin6_addr) == 1;
  const auto v4 = at(address, port);
  fd_ = Fd(::socket(is_v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const timeval patience{5, 0};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  const auto* where = is_v6 ? reinterpret_cast<const sockaddr*>(&v6) : reinterpret_cast<const sockaddr*>(&v4);
  if (::connect(fd_.get(), where, is_v6 ? sizeof v6 : sizeof v4) != 0) fd_ = Fd();
}

HttpAnswer KeptConnection::get(const std::string& path, const std::string& headers) {
  if (!fd_ || !sendAll(fd_.get(), "GET " + path + " HTTP/1.1\r\nHost: test\r\n" + headers + "\r\n")) return {};
  return readAnswer(fd_.get());
}

HttpAnswer httpGet(std::uint16_t port, const std::string& path, const std::string& headers,
                   const std::string& address) {
  return KeptConnection(port, address).get(path, headers);
}

}  // namespace libra::test
