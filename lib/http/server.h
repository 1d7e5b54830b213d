#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "lib/base/handles.h"
#include "lib/base/result.h"
#include "lib/event/loop.h"
#include "lib/http/limits.h"
#include "lib/http/message.h"
#include "lib/http/reply.h"
#include "lib/tls/context.h"

namespace libra::http {

// HTTP/1.1 over TLS (or plain, for tests and loopback) on one EventLoop: libevent's
// buffers and OpenSSL below a strict parser of our own (evhttp knows few methods and
// takes what smugglers send). Several servers, each with its loop and thread, may
// listen on the same descriptor.
//
// Every request that is well-formed HTTP reaches `handler`, whatever its method is. What
// is not is answered through `refusal` (400, 408, 413, 417, 431, 501, 505) and the
// connection closed. `refusal` also words the 500 for a Reply nobody called; it runs on
// the loop and must not block.
class Server {
 public:
  using Handler = std::function<void(Request, Reply)>;  // on the loop; must not block
  using Refusal = std::function<Response(int status, const Request& what_is_known)>;

  struct Options {
    Limits limits{};
    std::shared_ptr<tls::ReloadingContext> tls{};    // null: plain HTTP
    Refusal refusal{};                               // null: an empty body
    std::string request_id_header = "X-Request-Id";  // set on each answer; "" for none
  };

  // Create, use and destroy on the loop's thread (or while it does not run).
  Server(EventLoop& loop, Options options, Handler handler);
  ~Server();  // closes all connections at once
  Server(const Server&) = delete;

  Status listenOn(int listening_fd);  // not owned: dup()ed; may be shared by servers
  int connections() const;
  int inFlight() const;  // requests handed to the handler and not yet answered

  // No new connections; what waits in the listening socket is left to the next who listens on
  // it. Answers say "Connection: close"; idle connections get a moment to take one, new ones
  // the time of a handshake. `drained` is called on the loop when the last connection is gone,
  // at the latest after `patience`.
  void drain(std::chrono::milliseconds patience, std::function<void()> drained);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

// A listening TCP socket on "host:port", "[v6]:port"; non-blocking, close-on-exec,
// SO_REUSEADDR. Port 0 lets the kernel choose.
Result<Fd> listenTcp(const std::string& address);
int localPort(int fd);  // 0 when it has none

}  // namespace libra::http
