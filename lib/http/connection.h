#pragma once

#include <event2/bufferevent.h>
#include <openssl/ssl.h>

#include <memory>
#include <optional>
#include <string>

#include "lib/base/clock.h"
#include "lib/event/timer.h"
#include "lib/http/limits.h"
#include "lib/http/message.h"
#include "lib/http/parser.h"

namespace libra::http {

using BufferEvent = std::unique_ptr<bufferevent, FreeWith<bufferevent_free>>;

// One client's connection: reads a request, waits for its answer, writes that, and again.
// It reads nothing while a request is answered, so what a client sends ahead waits in the
// kernel. Of its loop's thread; alive while its owner holds it.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  // The server. May close() connections and may end itself within each call.
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void onRequest(Connection& from, Request request) = 0;  // to be answered by answer()
    virtual Response refusal(int status, const Request& known) = 0;
    virtual void onHeld(std::ptrdiff_t more) = 0;  // bytes of a request that is not whole yet; less when negative
    virtual void onClosed(Connection& gone) = 0;
  };

  struct Peer {
    std::optional<NetAddress> address;
    int port = 0;
  };

  struct Setup {
    Limits limits;
    std::string id_header;
    Peer peer;
  };

  Connection(EventLoop& loop, Owner& owner, Setup setup);

  void start(BufferEvent socket, bool tls);

  void answer(std::optional<Response> response);  // nullopt: there is none, which is our fault
  // Ends after the request it is at, or the next one if that comes soon: its client may be
  // sending it this moment.
  void drain();
  void hangUp();  // at once, saying goodbye
  void close();   // at once; tells the owner

  // Since when it occupies a place without a request that we work on: none while it has one.
  std::optional<Instant> waitingSince() const;
  std::size_t held() const { return held_; }  // bytes of its request as long as that is not whole

 private:
  enum class Phase { Handshake, Reading, Handling, Writing, Lingering, Closed };

  static void onReadable(bufferevent*, void* self) noexcept;
  static void onWritten(bufferevent*, void* self) noexcept;
  static void onEvent(bufferevent*, short what, void* self) noexcept;

  void waitForRequest();
  Millis idleLimit() const;
  void readOn();
  void hold(std::size_t bytes);
  void onProgress();
  void handOver();
  void refuse(int status);
  Request takeRequest();

  void send(Response response);
  void writeOut(std::string head, std::string body);
  void afterAnswer();
  void linger();
  void sayGoodbye();

  void onDeadline();
  void writeDeadline();
  SSL* tls() const;
  std::size_t unsent() const;

  Owner* owner_;
  const Setup setup_;
  RequestParser parser_;
  BufferEvent socket_;
  Timer deadline_;  // of the phase it is in
  Phase phase_ = Phase::Closed;
  Instant waiting_since_{};
  std::size_t held_ = 0;
  bool in_request_ = false;  // its first byte has come, the deadline is the request's
  bool draining_ = false;
  bool served_ = false;  // it has had an answer
  bool last_ = false;    // no request after this one
  bool head_ = false;    // the request is a HEAD
  std::string id_;       // of the request being answered
  std::size_t unsent_at_deadline_ = 0;
};

}  // namespace libra::http
