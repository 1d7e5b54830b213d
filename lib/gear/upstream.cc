#include "lib/gear/upstream.h"

#include <event2/bufferevent_ssl.h>
#include <event2/util.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <utility>

namespace libra::gear {

namespace {

std::string tlsFailure(bufferevent* socket, const SSL* session) {
  if (::SSL_get_verify_result(session) != X509_V_OK) return tls::failureText(session);
  const unsigned long error = ::bufferevent_get_openssl_error(socket);
  const char* reason = error != 0 ? ::ERR_reason_error_string(error) : nullptr;
  return reason != nullptr ? std::string("TLS: ") + reason : std::string();
}

}  // namespace

Upstream::Upstream(EventLoop& loop, ServerAddress server, std::shared_ptr<tls::ReloadingContext> context)
    : loop_(loop), server_(std::move(server)), context_(std::move(context)) {
  constexpr int kFlags = EVDNS_BASE_INITIALIZE_NAMESERVERS | EVDNS_BASE_DISABLE_WHEN_INACTIVE;
  if (!server_.isNumeric()) dns_.reset(::evdns_base_new(loop_.base(), kFlags));
}

Result<Bufferevent> Upstream::socket() {
  Bufferevent made;
  if (context_ == nullptr) {
    made.reset(::bufferevent_socket_new(loop_.base(), -1, BEV_OPT_CLOSE_ON_FREE));
  } else {
    auto session = tls::clientSession(context_->current(), server_.host);
    if (!session) return session.error();
    made.reset(::bufferevent_openssl_socket_new(loop_.base(), -1, session->release(), BUFFEREVENT_SSL_CONNECTING,
                                                BEV_OPT_CLOSE_ON_FREE));
  }
  if (!made) return Error{ErrorCode::Internal, "No connection can be made", "gear: out of memory"};
  return made;
}

void Upstream::connect(bufferevent* socket) {
  // A failure that is known at once comes to the event callback as well.
  ::bufferevent_socket_connect_hostname(socket, dns_.get(), AF_UNSPEC, server_.host.c_str(), server_.port);
}

std::string failureText(bufferevent* socket, short what) {
  const int error = EVUTIL_SOCKET_ERROR();  // before anything changes it
  if (const SSL* session = ::bufferevent_openssl_get_ssl(socket); session != nullptr) {
    if (auto text = tlsFailure(socket, session); !text.empty()) return text;
  }
  if (const int dns = ::bufferevent_socket_get_dns_error(socket); dns != 0) return ::evutil_gai_strerror(dns);
  const bool stale = error == 0 || error == EAGAIN || error == EINPROGRESS;
  if ((what & BEV_EVENT_EOF) != 0 || stale) return "closed by the server";
  return evutil_socket_error_to_string(error);
}

void prepare(int fd) {
  const int on = 1;
  ::evutil_make_socket_closeonexec(fd);
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // without it only slower
}

}  // namespace libra::gear
