#include "tests/support/http_server.h"

#include <csignal>
#include <future>
#include <stdexcept>

namespace libra::test {

HttpServer::HttpServer(http::Server::Options options, http::Server::Handler handler)
    : tls_(options.tls != nullptr),
      server_(std::make_unique<http::Server>(loop_, std::move(options), std::move(handler))) {
  std::signal(SIGPIPE, SIG_IGN);
  const auto listening = http::listenTcp("127.0.0.1:0");
  if (!listening) throw std::runtime_error(listening.error().message);
  if (const auto status = server_->listenOn(listening->get()); !status)
    throw std::runtime_error(status.error().message);
  port_ = http::localPort(listening->get());
  thread_ = std::thread([this] { loop_.run(); });
}

HttpServer::~HttpServer() {
  end();
  loop_.stop();
  thread_.join();
}

std::string HttpServer::url() const {
  return std::string(tls_ ? "https" : "http") + "://127.0.0.1:" + std::to_string(port_);
}

void HttpServer::run(const std::function<void()>& task) {
  if (loop_.isLoopThread()) return task();
  std::promise<void> done;
  loop_.post([&] {
    task();
    done.set_value();
  });
  done.get_future().wait();
}

void HttpServer::onLoop(const std::function<void(http::Server&)>& task) {
  run([&] { task(*server_); });
}

void HttpServer::drain(std::chrono::milliseconds patience, std::function<void()> drained) {
  onLoop([&](http::Server& server) { server.drain(patience, std::move(drained)); });
}

int HttpServer::connections() {
  int count = 0;
  onLoop([&](http::Server& server) { count = server.connections(); });
  return count;
}

int HttpServer::inFlight() {
  int count = 0;
  onLoop([&](http::Server& server) { count = server.inFlight(); });
  return count;
}

void HttpServer::end() {
  run([&] { server_.reset(); });
}

}  // namespace libra::test
