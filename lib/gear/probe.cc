#include "lib/gear/probe.h"

#include <event2/buffer.h>

#include <string_view>
#include <utility>

#include "lib/log/log.h"

namespace libra::gear {

namespace {

using namespace std::string_view_literals;

constexpr log::Logger kLog{"gear"};

// One ECHO_REQ (16) with four bytes, and the one ECHO_RES (17) that answers it.
constexpr auto kRequest = "\0REQ\0\0\0\x10\0\0\0\4echo"sv;
constexpr auto kResponse = "\0RES\0\0\0\x11\0\0\0\4echo"sv;

}  // namespace

Probe::Probe(EventLoop& loop, Upstream& server, const Connection& settings, std::function<void()> changed)
    : server_(server),
      connect_limit_(settings.connect_timeout),
      interval_(settings.probe_interval),
      answer_limit_(settings.answer_limit),
      changed_(std::move(changed)),
      timer_(loop, [this] { due(); }) {}

void Probe::start() { dial(); }

void Probe::verify() {
  if (state_ == State::Resting) dial();
}

void Probe::due() {
  switch (state_) {
    case State::Away:
      return dial();
    case State::Connecting:
      return lost("no connection in " + std::to_string(connect_limit_.count()) + " ms");
    case State::Asked:
      return lost("no answer in " + std::to_string(answer_limit_.count()) + " ms");
    case State::Resting:
      return ask();
  }
}

void Probe::dial() {
  auto made = server_.socket();
  if (!made) return lost(made.error().message + " " + made.error().detail);
  socket_ = *std::move(made);
  ::bufferevent_setcb(socket_.get(), onRead, nullptr, onEvent, this);
  ::bufferevent_setwatermark(socket_.get(), EV_READ, kResponse.size(), kResponse.size() + 1);
  enter(State::Connecting, connect_limit_);
  server_.connect(socket_.get());
}

void Probe::ask() {
  enter(State::Asked, answer_limit_);
  ::bufferevent_write(socket_.get(), kRequest.data(), kRequest.size());
}

void Probe::event(short what) {
  if ((what & BEV_EVENT_CONNECTED) == 0) return lost(failureText(socket_.get(), what));
  prepare(::bufferevent_getfd(socket_.get()));
  ::bufferevent_enable(socket_.get(), EV_READ);
  ask();
}

void Probe::read() {
  evbuffer* input = ::bufferevent_get_input(socket_.get());
  const auto size = static_cast<std::size_t>(::evbuffer_get_length(input));
  const auto* bytes = reinterpret_cast<const char*>(::evbuffer_pullup(input, -1));
  if (state_ != State::Asked || std::string_view(bytes, size) != kResponse)
    return lost("does not speak the Gearman protocol");
  ::evbuffer_drain(input, size);
  answered();
}

void Probe::answered() {
  enter(State::Resting, interval_);
  failures_ = 0;
  if (std::exchange(answers_, true)) return;
  kLog.info("job server {} answers", server_.name());
  last_error_.clear();
  changed_();
}

void Probe::lost(const std::string& why) {
  socket_.reset();
  enter(State::Away, backoff_.delay(failures_++));
  if (!std::exchange(answers_, false) && why == last_error_) return;  // said already
  kLog.warn("job server {} is not usable: {}", server_.name(), why);
  last_error_ = why;
  changed_();
}

void Probe::enter(State state, std::chrono::milliseconds limit) {
  state_ = state;
  timer_.once(limit);
}

}  // namespace libra::gear
