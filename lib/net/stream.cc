#include "lib/net/stream.h"

#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <event2/util.h>
#include <netinet/in.h>
#include <openssl/err.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace libra::net {

namespace {

constexpr std::size_t kMostAtOnce = 16 << 10;

bufferevent* makeSocket(EventLoop& loop, tls::Session session) {
  // Deferred: an error that is known at once is told from the loop too.
  constexpr int kOptions = BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS;
  if (!session) return ::bufferevent_socket_new(loop.base(), -1, kOptions);
  return ::bufferevent_openssl_socket_new(loop.base(), -1, session.release(), BUFFEREVENT_SSL_CONNECTING, kOptions);
}

bool isOurs(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM || error == EADDRNOTAVAIL;
}

std::string tlsFailure(bufferevent* socket) {
  SSL* session = ::bufferevent_openssl_get_ssl(socket);
  if (session == nullptr) return {};
  const bool verifies = ::SSL_get_verify_mode(session) != SSL_VERIFY_NONE;
  if (verifies && ::SSL_get_verify_result(session) != X509_V_OK) return "TLS: " + tls::failureText(session);
  const unsigned long error = ::bufferevent_get_openssl_error(socket);
  const char* reason = error != 0 ? ::ERR_reason_error_string(error) : nullptr;
  return reason ? std::string("TLS: ") + reason : std::string();
}

}  // namespace

Stream::Stream(EventLoop& loop, Events events, tls::Session session)
    : events_(std::make_shared<const Events>(std::move(events))), socket_(makeSocket(loop, std::move(session))) {
  if (!socket_) std::abort();  // out of memory
  ::bufferevent_setwatermark(socket_.get(), EV_READ, 0, kMostAtOnce);
  ::bufferevent_setcb(socket_.get(), onReadable, nullptr, onEvent, this);
}

void Stream::connect(const NetAddress& address, std::uint16_t port) {
  sockaddr_storage to{};
  socklen_t length = sizeof(sockaddr_in);
  if (address.isV6()) {
    auto& v6 = reinterpret_cast<sockaddr_in6&>(to);
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    std::memcpy(&v6.sin6_addr, address.bytes().data(), sizeof v6.sin6_addr);
    length = sizeof(sockaddr_in6);
  } else {
    auto& v4 = reinterpret_cast<sockaddr_in&>(to);
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    v4.sin_addr.s_addr = htonl(address.v4());
  }
  // What fails at once is told as an event as well.
  ::bufferevent_socket_connect(socket_.get(), reinterpret_cast<sockaddr*>(&to), static_cast<int>(length));
}

void Stream::send(std::string_view bytes) { ::bufferevent_write(socket_.get(), bytes.data(), bytes.size()); }

bool Stream::read() {
  char bytes[kMostAtOnce];
  const auto count = ::bufferevent_read(socket_.get(), bytes, sizeof bytes);
  if (count == 0) return true;
  const std::weak_ptr<bool> alive = alive_;
  const auto events = events_;
  events->received({bytes, count});
  return !alive.expired();
}

void Stream::event(short what) {
  const int error = EVUTIL_SOCKET_ERROR();  // before anything changes it
  const auto events = events_;
  if ((what & BEV_EVENT_CONNECTED) != 0) {
    ::bufferevent_enable(socket_.get(), EV_READ | EV_WRITE);
    return events->connected();
  }
  auto why = tlsFailure(socket_.get());
  while (::evbuffer_get_length(::bufferevent_get_input(socket_.get())) > 0)
    if (!read()) return;
  ::bufferevent_disable(socket_.get(), EV_READ | EV_WRITE);
  if (!why.empty()) return events->ended(End::Failed, why);
  if ((what & BEV_EVENT_EOF) != 0 || error == 0) return events->ended(End::Closed, "closed by the peer");
  events->ended(isOurs(error) ? End::Local : End::Failed, evutil_socket_error_to_string(error));
}

}  // namespace libra::net
