#include "sidecar/self_check.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "lib/base/handles.h"

namespace libra::sidecar {

namespace {

constexpr std::chrono::milliseconds kPatience{800};
constexpr std::string_view kRequest = "GET /libra-self-check HTTP/1.1\r\nHost: libra\r\nConnection: close\r\n\r\n";
constexpr std::string_view kText = "carried by this device";

Error broken(const std::string& what) { return {ErrorCode::Unavailable, "The proxy carries no request", what}; }

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

Fd socketOn() { return Fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)); }

// Listens on a free port, which is told; 0: no socket could be had.
std::uint16_t listenAnywhere(const Fd& socket) {
  auto address = loopback(0);
  socklen_t size = sizeof address;
  auto* name = reinterpret_cast<sockaddr*>(&address);
  if (::bind(socket.get(), name, size) != 0 || ::listen(socket.get(), 8) != 0) return 0;
  return ::getsockname(socket.get(), name, &size) == 0 ? ntohs(address.sin_port) : 0;
}

// Plays the node and its client at once, without a thread: both wait for the same proxy.
class Play {
 public:
  std::uint16_t listen() { return listenAnywhere(node_); }  // the node's port

  Status ask(std::uint16_t port) {
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (std::chrono::steady_clock::now() < until) {
      if (client_.get() < 0 && !begin(port)) return broken("no connection");
      if (turn()) return ok();
    }
    return broken(answer_.empty() ? "no answer" : "another answer: " + answer_.substr(0, 100));
  }

 private:
  bool begin(std::uint16_t port) {
    const auto address = loopback(port);
    client_ = socketOn();
    sent_ = false;
    answer_.clear();
    const int done = ::connect(client_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
    return done == 0 || errno == EINPROGRESS;
  }

  // True: the answer is here.
  bool turn() {
    std::vector<pollfd> fds{{node_.get(), POLLIN, 0}, {client_.get(), static_cast<short>(sent_ ? POLLIN : POLLOUT), 0}};
    for (const auto& each : accepted_) fds.push_back({each.get(), POLLIN, 0});
    if (::poll(fds.data(), fds.size(), 20) <= 0) return false;
    for (std::size_t i = accepted_.size(); i-- > 0;)
      if (fds[i + 2].revents != 0) serve(i);
    if (fds[0].revents != 0)
      accepted_.emplace_back(::accept4(node_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    return fds[1].revents != 0 && listenToProxy();
  }

  // A connection without a request is a check of the node's health.
  void serve(std::size_t which) {
    char text[2048];
    const auto got = ::read(accepted_[which].get(), text, sizeof text);
    if (got > 0) {
      const std::string answer =
          "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + std::to_string(kText.size()) + "\r\n\r\n" +
          std::string(kText);
      [[maybe_unused]] const auto all = ::send(accepted_[which].get(), answer.data(), answer.size(), MSG_NOSIGNAL);
    }
    accepted_.erase(accepted_.begin() + static_cast<std::ptrdiff_t>(which));
  }

  // A refused connection is tried again: the proxy may just be about to listen.
  bool listenToProxy() {
    if (!sent_) {
      sent_ = ::send(client_.get(), kRequest.data(), kRequest.size(), MSG_NOSIGNAL) > 0;
      if (!sent_) pause();
      return false;
    }
    char text[2048];
    const auto got = ::read(client_.get(), text, sizeof text);
    if (got > 0) answer_.append(text, static_cast<std::size_t>(got));
    if (answer_.ends_with(kText)) return true;
    if (got <= 0) pause();
    return false;
  }

  void pause() {
    client_ = Fd();
    ::usleep(5000);
  }

  Fd node_ = socketOn(), client_;
  std::vector<Fd> accepted_;
  bool sent_ = false;
  std::string answer_;
};

// One that the proxy listens on already, if it tells of any; else one that is free just now.
std::uint16_t portFor(const Capabilities& able) {
  constexpr std::string_view kCatalogue = "catalogue:";
  for (const auto& word : able.words)
    if (word.starts_with(kCatalogue)) return static_cast<std::uint16_t>(std::stoi(word.substr(kCatalogue.size())));
  return listenAnywhere(socketOn());
}

protocol::LoadBalancerState scratch(std::uint16_t port, std::uint16_t node) {
  protocol::LoadBalancerState balancer;
  balancer.id = "0";  // no tenant's
  balancer.port = port;
  balancer.addresses = {*NetAddress::parse("127.0.0.1")};
  balancer.nodes.push_back({.id = "0", .address = balancer.addresses.front(), .port = node});
  return balancer;
}

}  // namespace

Status checkItself(Driver& driver, const protocol::DeviceState& empty) {
  Play play;
  const auto node = play.listen();
  if (node == 0) return broken("no socket for the node");
  const auto port = portFor(driver.capabilities());
  auto busy = empty;
  busy.load_balancers = {scratch(port, node)};
  const auto applied = driver.apply(busy);
  const auto carried = applied ? play.ask(port) : Status(applied.error());
  const auto emptied = driver.apply(empty);
  if (!carried) return carried;
  return emptied ? ok() : Status(emptied.error());
}

}  // namespace libra::sidecar
