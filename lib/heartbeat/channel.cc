#include "lib/heartbeat/channel.h"

#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>

#include <cstdlib>
#include <utility>

namespace libra::heartbeat {

namespace {

constexpr Millis kHandshake{5000};
constexpr std::size_t kUnsent = 64 * 1024;  // bytes a peer that does not read may leave with us

using Line = std::unique_ptr<char, FreeWith<std::free>>;

// At once, not inherited, and probed while it is quiet.
void prepare(int fd) {
  const int on = 1, idle = 5, pause = 3, probes = 3, unacknowledged_ms = 10'000;
  ::evutil_make_socket_closeonexec(fd);
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
  ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &pause, sizeof pause);
  ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
  ::setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unacknowledged_ms, sizeof unacknowledged_ms);
}

Error noConnection() { return {ErrorCode::Internal, "No connection can be made", "heartbeat: out of memory"}; }

}  // namespace

Channel::Channel(EventLoop& loop, Bufferevent socket, Events events)
    : socket_(std::move(socket)),
      events_(std::move(events)),
      handshake_(loop, [this] { close("no handshake in time"); }) {
  handshake_.once(kHandshake);
  ::bufferevent_setcb(socket_.get(), onRead, nullptr, onEvent, this);
  ::bufferevent_setwatermark(socket_.get(), EV_READ, 0, 2 * kLongestNotice);
  ::bufferevent_enable(socket_.get(), EV_READ | EV_WRITE);
}

Result<std::unique_ptr<Channel>> Channel::connect(EventLoop& loop, const Endpoint& to, const tls::Context& context,
                                                  Events events) {
  auto session = tls::clientSession(context, to.address.str());
  if (!session) return session.error();
  Bufferevent socket(::bufferevent_openssl_socket_new(loop.base(), -1, session->release(), BUFFEREVENT_SSL_CONNECTING,
                                                      BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS));
  if (!socket) return noConnection();
  std::unique_ptr<Channel> channel(new Channel(loop, std::move(socket), std::move(events)));
  const SocketAddress address(to);
  // A failure that is known at once comes to event() as well.
  ::bufferevent_socket_connect(channel->socket_.get(), address.get(), static_cast<int>(address.size));
  return channel;
}

Result<std::unique_ptr<Channel>> Channel::accept(EventLoop& loop, Fd socket, const tls::Context& context,
                                                 Events events) {
  auto session = tls::serverSession(context);
  if (!session) return session.error();
  Bufferevent accepted(::bufferevent_openssl_socket_new(loop.base(), socket.get(), session->release(),
                                                        BUFFEREVENT_SSL_ACCEPTING,
                                                        BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS));
  if (!accepted) return noConnection();
  (void)socket.release();  // the bufferevent's now
  return std::unique_ptr<Channel>(new Channel(loop, std::move(accepted), std::move(events)));
}

void Channel::send(const Notice& notice) {
  const std::string line = write(notice) + "\n";
  if (::evbuffer_get_length(::bufferevent_get_output(socket_.get())) > kUnsent) return;  // its end is near
  ::bufferevent_write(socket_.get(), line.data(), line.size());
}

Result<Secret> Channel::secret() const {
  Secret secret{};
  SSL* session = ::bufferevent_openssl_get_ssl(socket_.get());
  if (::SSL_export_keying_material(session, secret.data(), secret.size(), kExporterLabel.data(), kExporterLabel.size(),
                                   nullptr, 0, 0) != 1)
    return Error{ErrorCode::Internal, "No heartbeat can be authenticated", "the TLS session gives no key"};
  return secret;
}

std::vector<std::string> Channel::peerUris() const {
  return tls::peerUris(::bufferevent_openssl_get_ssl(socket_.get()));
}

std::optional<Endpoint> Channel::peer() const {
  SocketAddress address;
  if (::getpeername(::bufferevent_getfd(socket_.get()), address.get(), &address.size) != 0) return std::nullopt;
  return address.endpoint();
}

void Channel::read() {
  evbuffer* input = ::bufferevent_get_input(socket_.get());
  const std::weak_ptr<bool> alive = alive_;
  const auto told = events_.notice;  // a copy: the callee may destroy this
  std::size_t size = 0;
  while (const Line line{::evbuffer_readln(input, &size, EVBUFFER_EOL_LF)}) {
    const auto notice = readNotice({line.get(), size});
    if (!notice) return close("it says what nobody should say");
    told(*notice);
    if (alive.expired()) return;
  }
  if (::evbuffer_get_length(input) > kLongestNotice) close("a line without end");
}

void Channel::event(short what) {
  if ((what & BEV_EVENT_CONNECTED) == 0) return close(failureText(what));
  handshake_.cancel();
  prepare(::bufferevent_getfd(socket_.get()));
  const auto opened = events_.opened;  // a copy: the callee may destroy this
  opened();
}

void Channel::close(const std::string& why) {
  handshake_.cancel();
  ::bufferevent_disable(socket_.get(), EV_READ | EV_WRITE);
  const auto closed = std::move(events_.closed);  // the callee may destroy this
  closed(why);
}

std::string Channel::failureText(short what) const {
  const int error = EVUTIL_SOCKET_ERROR();
  const SSL* session = ::bufferevent_openssl_get_ssl(socket_.get());
  if (::SSL_get_verify_result(session) != X509_V_OK) return tls::failureText(session);
  const auto tls = ::bufferevent_get_openssl_error(socket_.get());
  if (const char* reason = tls != 0 ? ::ERR_reason_error_string(tls) : nullptr) return std::string("TLS: ") + reason;
  if ((what & BEV_EVENT_EOF) != 0 || error == 0) return "closed by the other side";
  return evutil_socket_error_to_string(error);
}

}  // namespace libra::heartbeat
