#include "tests/support/tcp_proxy.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <cstdint>
#include <stdexcept>

namespace libra::test {

namespace {

constexpr std::size_t kHeader = 4;  // of a MySQL packet: three bytes of length, one of sequence

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

bool waitReadable(int fd, int stop) {
  pollfd both[] = {{fd, POLLIN, 0}, {stop, POLLIN, 0}};
  return ::poll(both, 2, -1) > 0 && both[1].revents == 0;
}

// Bytes of the first whole message in `bytes`; 0 when more must come.
std::size_t messageLength(const std::string& bytes) {
  if (bytes.size() < kHeader) return 0;
  const auto at = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(bytes[i])); };
  const std::size_t length = kHeader + (at(0) | at(1) << 8 | at(2) << 16);
  return bytes.size() < length ? 0 : length;
}

bool receiveInto(std::string& bytes, int from) {
  char buffer[16384];
  const ssize_t n = ::recv(from, buffer, sizeof buffer, 0);
  if (n > 0) bytes.append(buffer, static_cast<std::size_t>(n));
  return n > 0;
}

bool sendAll(int to, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

}  // namespace

TcpProxy::TcpProxy(int server_port)
    : server_port_(server_port),
      listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
      stop_(::eventfd(0, EFD_CLOEXEC)) {
  auto address = loopback(0);
  socklen_t size = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_.get(), any, size) != 0 || ::listen(listener_.get(), 64) != 0 ||
      ::getsockname(listener_.get(), any, &size) != 0)
    throw std::runtime_error("the proxy cannot listen");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

TcpProxy::~TcpProxy() {
  ::eventfd_write(stop_.get(), 1);
  thread_.join();
  for (auto& relay : relays_) relay.join();
}

void TcpProxy::arm(int message, Cut cut) {
  auto plan = std::make_shared<Plan>();
  plan->messages = message;
  plan->cut = cut;
  *plan_.lock() = std::move(plan);
}

void TcpProxy::serve() {
  while (waitReadable(listener_.get(), stop_.get())) {
    Fd client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!client) continue;
    relays_.emplace_back([this, fd = client.release(), plan = *plan_.lock()] { relay(Fd(fd), *plan); });
  }
}

void TcpProxy::relay(Fd client, Plan& plan) {
  const Fd server(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto address = loopback(server_port_);
  if (::connect(server.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return;

  std::string pending;  // from the client, not a whole message yet
  for (;;) {
    pollfd all[] = {{client.get(), POLLIN, 0}, {server.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
    if (::poll(all, 3, -1) <= 0 || all[2].revents != 0) return;
    std::string answer;
    if (all[1].revents != 0 && (!receiveInto(answer, server.get()) || !sendAll(client.get(), answer))) return;
    if (all[0].revents != 0 && !forward(client.get(), server.get(), pending, plan)) return;
  }
}

bool TcpProxy::forward(int client, int server, std::string& pending, Plan& plan) {
  if (!receiveInto(pending, client)) return false;
  while (const std::size_t length = messageLength(pending)) {
    const std::string message = pending.substr(0, length);
    pending.erase(0, length);
    if (plan.messages > 0 && --plan.messages == 0) return cutAt(server, message, plan);
    if (!sendAll(server, message)) return false;
  }
  return true;
}

bool TcpProxy::cutAt(int server, const std::string& message, Plan& plan) {
  if (plan.cut != Cut::Before) sendAll(server, message);
  if (plan.cut == Cut::After) waitReadable(server, stop_.get());
  plan.done = true;
  return false;
}

}  // namespace libra::test
