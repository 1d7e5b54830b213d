#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "lib/base/backoff.h"
#include "lib/event/timer.h"
#include "lib/gear/client.h"
#include "lib/gear/upstream.h"

namespace libra::gear {

// Watches one job server over a connection of its own, by ECHO_REQ at an interval. A
// server that refuses, closes or leaves an ECHO unanswered no longer answers() until it
// does so again; it is tried with back-off. Loop thread only.
class Probe {
 public:
  // `changed` is called when answers() or lastError() did.
  Probe(EventLoop& loop, Upstream& server, const Connection& settings, std::function<void()> changed);

  void start();
  void verify();  // somebody else failed to connect: look anew, at once
  bool answers() const { return answers_; }
  const std::string& lastError() const { return last_error_; }  // "" while it answers

 private:
  enum class State { Away, Connecting, Asked, Resting };

  static void onRead(bufferevent*, void* self) noexcept { static_cast<Probe*>(self)->read(); }
  static void onEvent(bufferevent*, short what, void* self) noexcept { static_cast<Probe*>(self)->event(what); }
  void due();
  void dial();
  void ask();
  void read();
  void event(short what);
  void answered();
  void lost(const std::string& why);
  void enter(State state, std::chrono::milliseconds limit);

  Upstream& server_;
  const std::chrono::milliseconds connect_limit_, interval_, answer_limit_;
  const Backoff backoff_{std::chrono::milliseconds(50), std::chrono::milliseconds(2000)};
  const std::function<void()> changed_;
  Timer timer_;
  Bufferevent socket_;
  State state_ = State::Away;
  bool answers_ = false;
  std::string last_error_;
  int failures_ = 0;
};

}  // namespace libra::gear
