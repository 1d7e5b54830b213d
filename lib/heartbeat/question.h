#pragma once

#include <event2/bufferevent.h>

#include <functional>
#include <memory>

#include "lib/event/timer.h"
#include "lib/heartbeat/endpoint.h"

namespace libra::heartbeat {

enum class ProxyState {
  Serving,  // it answered
  Refused,  // its host says that nobody listens there
  Silent
};

// Asks a proxy itself, on its monitor-uri listener, whether it lives: one new connection,
// one request. A stopped process is Silent although its kernel accepts the connection.
// Loop thread only; destroying it takes the question back.
class Question {
 public:
  using Answered = std::function<void(ProxyState)>;  // once; may destroy the question

  Question(EventLoop& loop, const Endpoint& proxy, Millis patience, Answered answered);

 private:
  using Bufferevent = std::unique_ptr<bufferevent, FreeWith<bufferevent_free>>;
  static void onRead(bufferevent*, void* self) noexcept { static_cast<Question*>(self)->end(ProxyState::Serving); }
  static void onEvent(bufferevent*, short what, void* self) noexcept { static_cast<Question*>(self)->event(what); }
  void event(short what);
  void end(ProxyState state);

  Answered answered_;
  Bufferevent socket_;
  Timer patience_;
};

}  // namespace libra::heartbeat
