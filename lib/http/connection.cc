#include "lib/http/connection.h"

#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <openssl/err.h>
#include <sys/socket.h>

#include <algorithm>
#include <ctime>

#include "lib/base/ids.h"
#include "lib/http/response_text.h"
#include "lib/log/log.h"

namespace libra::http {

namespace {

constexpr log::Logger kLog{"http"};
constexpr Millis kLinger{2'000};
constexpr std::size_t kSlice = 16 * 1024;  // a TLS record

using Buffer = std::unique_ptr<evbuffer, FreeWith<evbuffer_free>>;

void freeText(const void*, std::size_t, void* text) { delete static_cast<std::string*>(text); }

// Without a copy, in pieces of one TLS record each: libevent gives a piece to SSL_write()
// whole, and only whole pieces show as progress. Pieces are freed in their order.
void appendSlices(evbuffer* out, std::string text) {
  auto* kept = new std::string(std::move(text));
  for (std::size_t at = 0; at < kept->size(); at += kSlice) {
    const std::size_t size = std::min(kSlice, kept->size() - at);
    const bool is_last = at + size == kept->size();
    evbuffer_add_reference(out, kept->data() + at, size, is_last ? freeText : nullptr, is_last ? kept : nullptr);
  }
}

std::string lastTlsError(bufferevent* socket) {
  const unsigned long error = bufferevent_get_openssl_error(socket);
  const char* reason = error ? ERR_reason_error_string(error) : nullptr;
  return reason ? reason : "connection lost";
}

}  // namespace

Connection::Connection(EventLoop& loop, Owner& owner, Setup setup)
    : owner_(&owner),
      setup_(std::move(setup)),
      parser_(setup_.limits.header_bytes, setup_.limits.body_bytes),
      deadline_(loop, [this] {
        const auto alive = shared_from_this();
        onDeadline();
      }) {}

void Connection::start(BufferEvent socket, bool tls) {
  socket_ = std::move(socket);
  waiting_since_ = std::chrono::steady_clock::now();
  bufferevent_setcb(socket_.get(), onReadable, onWritten, onEvent, this);
  if (tls) {
    phase_ = Phase::Handshake;
    deadline_.once(setup_.limits.handshake);
    bufferevent_enable(socket_.get(), EV_READ | EV_WRITE);
  } else {
    waitForRequest();
  }
}

void Connection::onReadable(bufferevent*, void* self) noexcept {
  const auto connection = static_cast<Connection*>(self)->shared_from_this();
  connection->readOn();
}

void Connection::onWritten(bufferevent*, void* self) noexcept {
  const auto connection = static_cast<Connection*>(self)->shared_from_this();
  if (connection->phase_ == Phase::Writing && connection->unsent() == 0) connection->afterAnswer();
}

void Connection::onEvent(bufferevent* socket, short what, void* self) noexcept {
  const auto connection = static_cast<Connection*>(self)->shared_from_this();
  if (what & BEV_EVENT_CONNECTED) return connection->waitForRequest();
  if (connection->phase_ == Phase::Handshake) kLog.debug("TLS handshake failed: {}", lastTlsError(socket));
  connection->close();
}

void Connection::waitForRequest() {
  phase_ = Phase::Reading;
  in_request_ = false;
  deadline_.once(idleLimit());
  bufferevent_enable(socket_.get(), EV_READ | EV_WRITE);
  readOn();  // what the client sent ahead
}

// Whoever has just connected came with a request, and a reset would lose it.
Millis Connection::idleLimit() const {
  if (!draining_) return setup_.limits.idle;
  return std::min(setup_.limits.idle, served_ ? setup_.limits.drain : setup_.limits.handshake);
}

void Connection::readOn() {
  evbuffer* input = bufferevent_get_input(socket_.get());
  if (phase_ == Phase::Lingering) evbuffer_drain(input, evbuffer_get_length(input));
  evbuffer_iovec part;
  while (phase_ == Phase::Reading && evbuffer_peek(input, -1, nullptr, &part, 1) > 0) {
    const std::size_t taken = parser_.feed({static_cast<const char*>(part.iov_base), part.iov_len});
    evbuffer_drain(input, taken);
    hold(held_ + taken);
    if (phase_ == Phase::Reading) onProgress();
  }
}

// The owner may close us for it.
void Connection::hold(std::size_t bytes) {
  const auto more = static_cast<std::ptrdiff_t>(bytes) - static_cast<std::ptrdiff_t>(held_);
  held_ = bytes;
  owner_->onHeld(more);
}

void Connection::onProgress() {
  const auto state = parser_.state();
  if (state == RequestParser::State::Complete) return handOver();
  if (state == RequestParser::State::Refused) return refuse(parser_.refusal());
  const bool begun = state == RequestParser::State::Partial;
  if (begun != in_request_) deadline_.once(begun ? setup_.limits.request : idleLimit());
  in_request_ = begun;
  if (!parser_.takeExpectation()) return;
  static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  bufferevent_write(socket_.get(), kContinue.data(), kContinue.size());
}

void Connection::handOver() {
  phase_ = Phase::Handling;
  deadline_.cancel();
  bufferevent_disable(socket_.get(), EV_READ);
  last_ = !parser_.keepAlive();
  owner_->onRequest(*this, takeRequest());
}

void Connection::refuse(int status) {
  last_ = true;
  bufferevent_disable(socket_.get(), EV_READ);
  const Request known = takeRequest();
  send(owner_->refusal(status, known));
}

Request Connection::takeRequest() {
  Request request = parser_.take();
  hold(0);
  request.id = id_ = newRequestId();
  request.remote = setup_.peer.address;
  request.remote_port = setup_.peer.port;
  head_ = request.method == "HEAD";
  return request;
}

void Connection::answer(std::optional<Response> response) {
  if (phase_ != Phase::Handling) return;
  if (response) return send(*std::move(response));
  Request known;
  known.id = id_;
  send(owner_->refusal(500, known));
}

void Connection::send(Response response) {
  phase_ = Phase::Writing;
  served_ = true;
  last_ = last_ || draining_;
  if (!setup_.id_header.empty()) response.headers.set(setup_.id_header, id_);
  const Framing framing{head_, last_};
  std::string head = responseHead(response, framing, std::time(nullptr));
  writeOut(std::move(head), sendsBody(response, framing) ? std::move(response.body) : std::string());
  writeDeadline();
}

// In one piece when it is small: one TLS record, one packet.
void Connection::writeOut(std::string head, std::string body) {
  if (head.size() + body.size() <= kSlice) {
    head += body;
    bufferevent_write(socket_.get(), head.data(), head.size());
    return;
  }
  const Buffer out(evbuffer_new());
  evbuffer_add(out.get(), head.data(), head.size());
  appendSlices(out.get(), std::move(body));
  bufferevent_write_buffer(socket_.get(), out.get());
}

void Connection::afterAnswer() {
  waiting_since_ = std::chrono::steady_clock::now();
  last_ ? linger() : waitForRequest();
}

// A close with bytes unread would send a reset, and that may reach the client before it
// has read the answer: so say that we are done and throw away what still comes.
void Connection::linger() {
  phase_ = Phase::Lingering;
  sayGoodbye();
  ::shutdown(bufferevent_getfd(socket_.get()), SHUT_WR);
  deadline_.once(std::min(kLinger, setup_.limits.write));
  bufferevent_enable(socket_.get(), EV_READ);
  readOn();
}

void Connection::drain() {
  draining_ = true;
  if (phase_ == Phase::Reading && !in_request_) deadline_.once(idleLimit());
}

void Connection::hangUp() {
  sayGoodbye();
  close();
}

// close_notify: without it the peer has to take the end for an attack.
void Connection::sayGoodbye() {
  SSL* session = tls();
  if (!session || !SSL_is_init_finished(session)) return;
  SSL_shutdown(session);
  ERR_clear_error();
}

void Connection::close() {
  if (phase_ == Phase::Closed) return;
  phase_ = Phase::Closed;
  deadline_.cancel();
  socket_.reset();
  hold(0);
  owner_->onClosed(*this);
}

std::optional<Instant> Connection::waitingSince() const {
  const bool at_work = phase_ == Phase::Handling || phase_ == Phase::Writing;
  return at_work ? std::nullopt : std::optional(waiting_since_);
}

void Connection::onDeadline() {
  switch (phase_) {
    case Phase::Reading:
      return in_request_ ? refuse(408) : hangUp();
    case Phase::Writing:
      if (unsent() + kSlice <= unsent_at_deadline_) return writeDeadline();
      return close();
    case Phase::Handshake:
    case Phase::Lingering:
      return close();
    case Phase::Handling:
    case Phase::Closed:
      return;
  }
}

void Connection::writeDeadline() {
  unsent_at_deadline_ = unsent();
  deadline_.once(setup_.limits.write);
}

SSL* Connection::tls() const { return bufferevent_openssl_get_ssl(socket_.get()); }

std::size_t Connection::unsent() const { return evbuffer_get_length(bufferevent_get_output(socket_.get())); }

}  // namespace libra::http
