#include "tests/support/tcp_proxy.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/un.h>

#include <cstring>
#include <stdexcept>

namespace libra::test {

namespace {

std::size_t byteOf(std::string_view bytes, std::size_t i) { return static_cast<unsigned char>(bytes[i]); }

// Bytes of the first whole message; 0 when more must come.
std::size_t mysqlLength(std::string_view bytes) {
  constexpr std::size_t kHeader = 4;  // three bytes of length, one of sequence
  if (bytes.size() < kHeader) return 0;
  const auto length = kHeader + (byteOf(bytes, 0) | byteOf(bytes, 1) << 8 | byteOf(bytes, 2) << 16);
  return bytes.size() < length ? 0 : length;
}

std::size_t gearmanLength(std::string_view bytes) {
  constexpr std::size_t kHeader = 12;  // magic, type, length
  if (bytes.size() < kHeader) return 0;
  std::size_t length = 0;
  for (std::size_t i = 8; i < kHeader; ++i) length = length << 8 | byteOf(bytes, i);
  return bytes.size() < kHeader + length ? 0 : kHeader + length;
}

// COM_QUIT and COM_STMT_CLOSE: nobody waits for an answer, so they may come from a connection
// that is over when the next plan is armed already.
bool isFarewell(std::string_view message, TcpProxy::Speaks protocol) {
  return protocol == TcpProxy::Speaks::MySql && message.size() > 4 && (message[4] == 0x01 || message[4] == 0x19);
}

const sockaddr* raw(const sockaddr_storage& address) { return reinterpret_cast<const sockaddr*>(&address); }

bool waitReadable(int fd, int stop) {
  pollfd both[] = {{fd, POLLIN, 0}, {stop, POLLIN, 0}};
  return ::poll(both, 2, -1) > 0 && both[1].revents == 0;
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

TcpProxy::Address TcpProxy::onLoopback(int port) {
  Address address{{}, sizeof(sockaddr_in)};
  auto& in = reinterpret_cast<sockaddr_in&>(address.bytes);
  in.sin_family = AF_INET;
  in.sin_port = htons(static_cast<std::uint16_t>(port));
  in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

TcpProxy::Address TcpProxy::unixSocket(const std::string& path) {
  Address address{{}, sizeof(sockaddr_un)};
  auto& un = reinterpret_cast<sockaddr_un&>(address.bytes);
  if (path.size() >= sizeof un.sun_path) throw std::runtime_error(path + " is too long for a socket");
  un.sun_family = AF_UNIX;
  std::memcpy(un.sun_path, path.data(), path.size());
  return address;
}

TcpProxy::TcpProxy(int server_port) : TcpProxy(server_port, Speaks::MySql) {}
TcpProxy::TcpProxy(int server_port, Speaks protocol) : TcpProxy(onLoopback(server_port), protocol) {}
TcpProxy::TcpProxy(const std::string& server_socket, Speaks protocol) : TcpProxy(unixSocket(server_socket), protocol) {}

TcpProxy::TcpProxy(const Address& server, Speaks protocol)
    : server_(server),
      protocol_(protocol),
      listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
      stop_(::eventfd(0, EFD_CLOEXEC)) {
  auto address = onLoopback(0);
  if (::bind(listener_.get(), raw(address.bytes), address.size) != 0 || ::listen(listener_.get(), 64) != 0 ||
      ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address.bytes), &address.size) != 0)
    throw std::runtime_error("the proxy cannot listen");
  port_ = ntohs(reinterpret_cast<sockaddr_in&>(address.bytes).sin_port);
  thread_ = std::thread([this] { serve(); });
}

TcpProxy::~TcpProxy() {
  ::eventfd_write(stop_.get(), 1);
  thread_.join();
  for (auto& relay : relays_) relay.join();
}

void TcpProxy::arm(Plan plan) { *plan_.lock() = {std::move(plan), true}; }

void TcpProxy::serve() {
  while (waitReadable(listener_.get(), stop_.get())) {
    Fd client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!client) continue;
    relays_.emplace_back([this, fd = client.release()] { relay(Fd(fd)); });
  }
}

void TcpProxy::relay(Fd client) {
  const Fd server(::socket(server_.bytes.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::connect(server.get(), raw(server_.bytes), server_.size) != 0) return;

  std::string pending;  // from the client, not a whole message yet
  for (;;) {
    pollfd all[] = {{client.get(), POLLIN, 0}, {server.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
    if (::poll(all, 3, -1) <= 0 || all[2].revents != 0) return;
    std::string answer;
    if (all[1].revents != 0 && (!receiveInto(answer, server.get()) || !sendAll(client.get(), answer))) return;
    if (all[0].revents != 0 && (!receiveInto(pending, client.get()) || !forward(server.get(), pending))) return;
  }
}

bool TcpProxy::forward(int server, std::string& pending) {
  const auto lengthOf = protocol_ == Speaks::MySql ? mysqlLength : gearmanLength;
  while (const std::size_t length = lengthOf(pending)) {
    const std::string message = pending.substr(0, length);
    pending.erase(0, length);
    if (!isFarewell(message, protocol_) && isCutHere(server, message)) return cutAt(server, message);
    if (!sendAll(server, message)) return false;
  }
  return true;
}

bool TcpProxy::isCutHere(int server, std::string_view message) {
  auto plan = plan_.lock();
  if (!plan->armed) return false;
  if (plan->seen < plan->from.size()) {
    if (!isNext(*plan, server, message) || plan->seen < plan->from.size() || plan->message > 0) return false;
  } else if (--plan->message > 0) {
    return false;
  }
  plan->armed = false;
  return true;
}

// Who says the first of the texts again began anew, maybe on another connection.
bool TcpProxy::isNext(Armed& plan, int server, std::string_view message) {
  const auto says = [&](const std::string& text) { return message.find(text) != std::string_view::npos; };
  if (says(plan.from.front())) {
    plan.on = server, plan.seen = 1;
    return true;
  }
  if (plan.on != server || !says(plan.from[plan.seen])) return false;
  ++plan.seen;
  return true;
}

bool TcpProxy::cutAt(int server, const std::string& message) {
  const Plan plan = *plan_.lock();
  if (plan.cut != Cut::Before) sendAll(server, message);
  if (plan.cut == Cut::After) waitReadable(server, stop_.get());
  if (plan.meanwhile) plan.meanwhile();
  plan_.lock()->done = true;
  return false;
}

}  // namespace libra::test
