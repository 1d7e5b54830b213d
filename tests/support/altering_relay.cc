#include "tests/support/altering_relay.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <stdexcept>

namespace libra::test {

namespace {

sockaddr_un at(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  return address;
}

Fd unixSocket() { return Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)); }

}  // namespace

AlteringRelay::AlteringRelay(std::string path, std::string server, std::string told, std::string done)
    : server_(std::move(server)),
      told_(std::move(told)),
      done_(std::move(done)),
      listener_(unixSocket()),
      stop_(::eventfd(0, EFD_CLOEXEC)) {
  const auto address = at(path);
  if (::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener_.get(), 16) != 0)
    throw std::runtime_error("cannot listen at " + path);
  thread_ = std::thread([this] { serve(); });
}

AlteringRelay::~AlteringRelay() {
  ::eventfd_write(stop_.get(), 1);
  thread_.join();
  for (auto& relay : relays_) relay.join();
}

void AlteringRelay::serve() {
  for (;;) {
    pollfd polls[]{{stop_.get(), POLLIN, 0}, {listener_.get(), POLLIN, 0}};
    ::poll(polls, 2, -1);
    if (polls[0].revents) return;
    Fd client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (client) relays_.emplace_back([this, fd = std::move(client)]() mutable { relay(std::move(fd)); });
  }
}

void AlteringRelay::relay(Fd client) const {
  const Fd server = unixSocket();
  const auto address = at(server_);
  if (::connect(server.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return;
  char buffer[65'536];
  for (;;) {
    pollfd polls[]{{stop_.get(), POLLIN, 0}, {client.get(), POLLIN, 0}, {server.get(), POLLIN, 0}};
    ::poll(polls, 3, -1);
    if (polls[0].revents) return;
    const bool from_client = polls[1].revents != 0;
    const auto got = ::recv(from_client ? client.get() : server.get(), buffer, sizeof buffer, 0);
    if (got <= 0) return;
    std::string text(buffer, static_cast<std::size_t>(got));
    for (auto found = text.find(told_); from_client && found != text.npos; found = text.find(told_, found + 1))
      text.replace(found, told_.size(), done_);
    if (::send(from_client ? server.get() : client.get(), text.data(), text.size(), MSG_NOSIGNAL) < 0) return;
  }
}

}  // namespace libra::test
