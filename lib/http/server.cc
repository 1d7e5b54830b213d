#include "lib/http/server.h"

#include <arpa/inet.h>
#include <event2/bufferevent_ssl.h>
#include <event2/listener.h>
#include <fcntl.h>
#include <netinet/tcp.h>

#include <cerrno>
#include <system_error>
#include <unordered_map>
#include <vector>

#include "lib/base/locked.h"
#include "lib/event/timer.h"
#include "lib/http/connection.h"
#include "lib/log/log.h"

namespace libra::http {

namespace {

constexpr log::Logger kLog{"http"};
constexpr Millis kAcceptAgain{100};

using Listener = std::unique_ptr<evconnlistener, FreeWith<evconnlistener_free>>;

// The way to the loop from other threads, cut when the server ends: replies may be
// later than the loop itself.
class Mailbox {
 public:
  explicit Mailbox(EventLoop& loop) : loop_(&loop) {}
  void post(std::function<void()> task) {
    auto loop = loop_.lock();
    if (*loop) (*loop)->post(std::move(task));
  }
  void close() { *loop_.lock() = nullptr; }

 private:
  Locked<EventLoop*> loop_;
};

Connection::Peer peerOf(const sockaddr* address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address->sa_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(address);
    return {NetAddress::fromV4(ntohl(v4->sin_addr.s_addr)), ntohs(v4->sin_port)};
  }
  if (address->sa_family != AF_INET6) return {};
  const auto* v6 = reinterpret_cast<const sockaddr_in6*>(address);
  ::inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof text);
  const std::string_view shown = text;
  const bool mapped = IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr);  // "::ffff:10.0.0.1"
  return {NetAddress::parse(mapped ? shown.substr(shown.rfind(':') + 1) : shown), ntohs(v6->sin6_port)};
}

}  // namespace

struct Server::Impl final : Connection::Owner, std::enable_shared_from_this<Impl> {
  Impl(EventLoop& where, Options with, Handler what)
      : loop(where),
        options(std::move(with)),
        handler(std::move(what)),
        mailbox(std::make_shared<Mailbox>(loop)),
        accept_again(loop, [this] { enableListeners(); }),
        patience(loop, [this] { closeAll(); }) {}

  Status listenOn(int listening_fd);
  static void onAccept(evconnlistener*, evutil_socket_t fd, sockaddr* address, int, void* self) noexcept;
  static void onAcceptError(evconnlistener*, void* self) noexcept;
  void accept(Fd fd, const sockaddr* address);
  BufferEvent openSocket(Fd fd);
  bool makeRoom();
  bool closeLongestWaiting(std::size_t holding);
  void pauseAccepting();
  void enableListeners();

  void onRequest(Connection& from, Request request) override;
  void onAnswer(const std::weak_ptr<Connection>& to, std::optional<Response> response);
  Response refusal(int status, const Request& known) override;
  void onHeld(std::ptrdiff_t more) override;
  void onClosed(Connection& gone) override;

  std::vector<std::shared_ptr<Connection>> all() const;
  void drain(Millis at_most, std::function<void()> then);
  void closeAll();
  void tellIfDrained();

  EventLoop& loop;
  const Options options;
  const Handler handler;
  const std::shared_ptr<Mailbox> mailbox;
  std::vector<Listener> listeners;
  std::unordered_map<Connection*, std::shared_ptr<Connection>> connections;
  Timer accept_again;
  Timer patience;
  std::function<void()> drained;
  bool full = false;        // told in the log
  std::ptrdiff_t held = 0;  // bytes of requests that are not whole yet
  int in_flight = 0;
};

Status Server::Impl::listenOn(int listening_fd) {
  const auto failed = [](const char* step) {
    return Error{ErrorCode::Invalid,
                 std::string("cannot listen: ") + step + ": " + std::generic_category().message(errno)};
  };
  Fd fd(::fcntl(listening_fd, F_DUPFD_CLOEXEC, 0));
  if (!fd) return failed("dup");
  int listening = 0;
  socklen_t size = sizeof listening;
  if (::getsockopt(fd.get(), SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0) return failed("getsockopt");
  if (!listening) return Error{ErrorCode::Invalid, "cannot listen: the socket does not accept connections"};
  if (evutil_make_socket_nonblocking(fd.get()) != 0) return failed("fcntl");

  constexpr unsigned kFlags = LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC;
  Listener listener(evconnlistener_new(loop.base(), onAccept, this, kFlags, 0, fd.get()));
  if (!listener) return failed("evconnlistener_new");
  (void)fd.release();
  evconnlistener_set_error_cb(listener.get(), onAcceptError);
  listeners.push_back(std::move(listener));
  return ok();
}

void Server::Impl::onAccept(evconnlistener*, evutil_socket_t fd, sockaddr* address, int, void* self) noexcept {
  static_cast<Impl*>(self)->accept(Fd(fd), address);
}

void Server::Impl::accept(Fd fd, const sockaddr* address) {
  if (!makeRoom()) return;
  const int on = 1;
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  BufferEvent socket = openSocket(std::move(fd));
  if (!socket) return;
  const auto connection = std::make_shared<Connection>(
      loop, *this, Connection::Setup{options.limits, options.request_id_header, peerOf(address)});
  connections.emplace(connection.get(), connection);
  connection->start(std::move(socket), options.tls != nullptr);
}

BufferEvent Server::Impl::openSocket(Fd fd) {
  if (!options.tls) return BufferEvent(bufferevent_socket_new(loop.base(), fd.release(), BEV_OPT_CLOSE_ON_FREE));
  auto session = tls::serverSession(options.tls->current());
  if (!session) {
    kLog.error("connection refused: {}: {}", session.error().message, session.error().detail);
    return nullptr;
  }
  BufferEvent socket(bufferevent_openssl_socket_new(loop.base(), fd.release(), session->release(),
                                                    BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE));
  if (socket) bufferevent_openssl_set_allow_dirty_shutdown(socket.get(), 1);
  return socket;
}

// In a crowd that only holds its places, who has something to ask is served.
bool Server::Impl::makeRoom() {
  const auto limit = static_cast<std::size_t>(options.limits.connections);
  const bool room = connections.size() < limit;
  if (!room && !full) kLog.warn("{} connections: for each new one that which waits longest is closed", limit);
  full = !room || (full && connections.size() > limit / 2);  // once per crowd, not per guest
  return room || closeLongestWaiting(0);
}

// Of those who hold at least so many bytes.
bool Server::Impl::closeLongestWaiting(std::size_t holding) {
  std::shared_ptr<Connection> longest;
  for (const auto& [_, each] : connections)
    if (each->waitingSince() && each->held() >= holding && (!longest || each->waitingSince() < longest->waitingSince()))
      longest = each;
  if (longest) longest->hangUp();
  return longest != nullptr;
}

void Server::Impl::onAcceptError(evconnlistener*, void* self) noexcept { static_cast<Impl*>(self)->pauseAccepting(); }

// Out of descriptors: the waiting connection would wake the loop again at once and for ever.
void Server::Impl::pauseAccepting() {
  kLog.error("cannot accept connections: {}", std::generic_category().message(errno));
  for (const auto& listener : listeners) evconnlistener_disable(listener.get());
  accept_again.once(kAcceptAgain);
}

void Server::Impl::enableListeners() {
  for (const auto& listener : listeners) evconnlistener_enable(listener.get());
}

void Server::Impl::onRequest(Connection& from, Request request) {
  const auto alive = shared_from_this();  // the handler may end the server
  ++in_flight;
  handler(std::move(request), Reply([mailbox = mailbox, server = weak_from_this(),
                                     to = from.weak_from_this()](std::optional<Response> response) {
            mailbox->post([server, to, response = std::move(response)]() mutable {
              if (const auto self = server.lock()) self->onAnswer(to, std::move(response));
            });
          }));
}

void Server::Impl::onAnswer(const std::weak_ptr<Connection>& to, std::optional<Response> response) {
  --in_flight;
  if (const auto connection = to.lock()) connection->answer(std::move(response));
}

Response Server::Impl::refusal(int status, const Request& known) {
  return options.refusal ? options.refusal(status, known) : Response(status);
}

void Server::Impl::onHeld(std::ptrdiff_t more) {
  held += more;
  if (more > 0 && held > static_cast<std::ptrdiff_t>(options.limits.held_bytes)) closeLongestWaiting(1);
}

void Server::Impl::onClosed(Connection& gone) {
  connections.erase(&gone);
  tellIfDrained();
}

std::vector<std::shared_ptr<Connection>> Server::Impl::all() const {
  std::vector<std::shared_ptr<Connection>> list;
  for (const auto& entry : connections) list.push_back(entry.second);
  return list;
}

void Server::Impl::drain(Millis at_most, std::function<void()> then) {
  listeners.clear();
  drained = std::move(then);
  patience.once(at_most);
  for (const auto& connection : all()) connection->drain();
  tellIfDrained();
}

void Server::Impl::closeAll() {
  for (const auto& connection : all()) connection->close();
}

// By the loop, not from here: what is told may end the server.
void Server::Impl::tellIfDrained() {
  if (!connections.empty() || !drained) return;
  patience.cancel();
  loop.post(std::exchange(drained, nullptr));
}

Server::Server(EventLoop& loop, Options options, Handler handler)
    : impl_(std::make_shared<Impl>(loop, std::move(options), std::move(handler))) {}

Server::~Server() {
  impl_->mailbox->close();
  impl_->drained = nullptr;
  impl_->listeners.clear();
  impl_->closeAll();
}

Status Server::listenOn(int listening_fd) { return impl_->listenOn(listening_fd); }
int Server::connections() const { return static_cast<int>(impl_->connections.size()); }
int Server::inFlight() const { return impl_->in_flight; }
void Server::drain(std::chrono::milliseconds patience, std::function<void()> drained) {
  impl_->drain(patience, std::move(drained));
}

}  // namespace libra::http
