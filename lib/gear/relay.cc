#include "lib/gear/relay.h"

#include <event2/buffer.h>

#include <utility>

namespace libra::gear {

namespace {

constexpr std::size_t kBuffer = 256 * 1024;  // bytes kept each way

std::size_t unsent(bufferevent* side) { return ::evbuffer_get_length(::bufferevent_get_output(side)); }

}  // namespace

Relay::Relay(EventLoop& loop, Fd local, Limits limits, Ended ended)
    : limits_(limits),
      ended_(std::move(ended)),
      timer_(loop, [this] { due(); }),
      local_(::bufferevent_socket_new(loop.base(), local.get(), BEV_OPT_CLOSE_ON_FREE)) {
  if (!local_) std::abort();
  prepare(local.release());
  timer_.once(limits_.connect);
}

void Relay::connect(Upstream& server) {
  server_ = &server;
  auto made = server.socket();
  if (!made) return end(made.error().message + " " + made.error().detail);
  remote_ = *std::move(made);
  ::bufferevent_setcb(remote_.get(), onRead, onDrained, onEvent, this);
  timer_.once(limits_.connect);
  server.connect(remote_.get());
}

void Relay::end(const std::string& why) {
  const auto ended = ended_;  // a copy: the callee may destroy this relay
  ended(*this, why);
}

void Relay::open() {
  connected_ = true;
  prepare(::bufferevent_getfd(remote_.get()));
  ::bufferevent_setcb(local_.get(), onRead, onDrained, onEvent, this);
  for (bufferevent* side : {local_.get(), remote_.get()}) {
    ::bufferevent_setwatermark(side, EV_READ, 0, kBuffer);
    ::bufferevent_setwatermark(side, EV_WRITE, kBuffer / 2, 0);
    ::bufferevent_enable(side, EV_READ | EV_WRITE);
  }
  timer_.cancel();
  if (limits_.idle.count() > 0) timer_.once(limits_.idle);
}

void Relay::carry(bufferevent* from) {
  bufferevent* into = other(from);
  ::bufferevent_write_buffer(into, ::bufferevent_get_input(from));
  if (unsent(into) > kBuffer) ::bufferevent_disable(from, EV_READ);
  if (limits_.idle.count() > 0) timer_.once(limits_.idle);
}

void Relay::drained(bufferevent* into) {
  if (leaving_ && unsent(into) == 0) return end("");
  if (!leaving_ && connected_) ::bufferevent_enable(other(into), EV_READ);
}

void Relay::event(bufferevent* on, short what) {
  if ((what & BEV_EVENT_CONNECTED) != 0) return open();
  const bool said_all = (what & BEV_EVENT_EOF) != 0 && connected_ && !leaving_;
  if (said_all && unsent(other(on)) > 0) return sayGoodbye(other(on));
  end(on == remote_.get() ? failureText(on, what) : std::string());
}

// A worker that stops closes right behind its last answer, which must still arrive.
void Relay::sayGoodbye(bufferevent* into) {
  leaving_ = true;
  ::bufferevent_disable(other(into), EV_READ | EV_WRITE);
  ::bufferevent_disable(into, EV_READ);
  ::bufferevent_setwatermark(into, EV_WRITE, 0, 0);
  timer_.once(limits_.connect);
}

void Relay::due() {
  if (leaving_ || connected_) return end("idle");
  end(server_ == nullptr ? "no job server answers" : "no connection in time");
}

}  // namespace libra::gear
