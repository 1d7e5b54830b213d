#include "controller/api/api_server.h"

#include <pthread.h>

#include <string>
#include <thread>
#include <utility>

#include "controller/api/health.h"
#include "lib/event/loop.h"

namespace libra::api {

// A loop with its server, which dies on the loop's thread.
class ApiServer::Thread {
 public:
  Thread(http::Server::Options options, http::Server::Handler handler)
      : server_(std::make_unique<http::Server>(loop_, std::move(options), std::move(handler))) {}

  Status listenOn(int fd) { return server_->listenOn(fd); }

  void run(const std::string& name) {
    thread_ = std::thread([this, name] {
      ::pthread_setname_np(::pthread_self(), name.c_str());
      loop_.run();
      server_.reset();
    });
  }

  void drain(std::chrono::milliseconds patience) {
    loop_.post([this, patience] { server_->drain(patience, [this] { loop_.stop(); }); });
  }

  void join() {
    if (thread_.joinable()) thread_.join();
  }

 private:
  EventLoop loop_;
  std::unique_ptr<http::Server> server_;
  std::thread thread_;
};

ApiServer::ApiServer(const Dispatcher& dispatcher, WorkerPool& pool, const Clock& clock, Options options)
    : dispatcher_(dispatcher), pool_(pool), clock_(clock), options_(std::move(options)) {}

ApiServer::~ApiServer() { stop(std::chrono::milliseconds(0)); }

Status ApiServer::start(int listening_fd) {
  std::vector<std::unique_ptr<Thread>> threads;
  for (int i = 0; i < options_.threads; ++i) {
    http::Server::Options server;
    server.limits = options_.limits;
    server.tls = options_.tls;
    server.refusal = [refusal = options_.refusal](int status, const http::Request&) { return refusal(status); };
    server.request_id_header = "X-Openstack-Request-Id";
    threads.push_back(std::make_unique<Thread>(std::move(server), [this](http::Request request, http::Reply reply) {
      take(std::move(request), std::move(reply));
    }));
    if (auto listening = threads.back()->listenOn(listening_fd); !listening) return listening;
  }
  threads_ = std::move(threads);
  for (std::size_t i = 0; i < threads_.size(); ++i) threads_[i]->run(options_.name + "-" + std::to_string(i));
  return ok();
}

void ApiServer::stop(std::chrono::milliseconds patience) {
  for (auto& thread : threads_) thread->drain(patience);
  for (auto& thread : threads_) thread->join();
  threads_.clear();
}

void ApiServer::take(http::Request request, http::Reply reply) const {
  const Instant arrived = clock_.monotonic();
  if (request.path == kHealthPath) return reply(dispatcher_.handle(request, arrived));
  const auto shared = std::make_shared<const http::Request>(std::move(request));
  const bool queued =
      pool_.offer([&dispatcher = dispatcher_, shared, reply, arrived] { reply(dispatcher.handle(*shared, arrived)); });
  if (!queued) reply(dispatcher_.refuse(*shared, arrived, {ErrorCode::Unavailable, "The service is busy, try again"}));
}

}  // namespace libra::api
