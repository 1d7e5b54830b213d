#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "lib/http/server.h"

namespace libra::test {

// An HTTP server with a loop and thread of its own, on a free port of 127.0.0.1.
// Ignores SIGPIPE, as the daemons do.
class HttpServer {
 public:
  HttpServer(http::Server::Options options, http::Server::Handler handler);
  ~HttpServer();

  int port() const { return port_; }
  std::string url() const;  // "http://127.0.0.1:<port>" or https

  void onLoop(const std::function<void(http::Server&)>& task);  // runs it there and waits; also from there
  void drain(std::chrono::milliseconds patience, std::function<void()> drained);
  int connections();
  int inFlight();
  void end();  // destroys the server; its loop goes on

 private:
  void run(const std::function<void()>& task);

  const bool tls_;
  EventLoop loop_;
  std::unique_ptr<http::Server> server_;
  int port_ = 0;
  std::thread thread_;
};

}  // namespace libra::test
