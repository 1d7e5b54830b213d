#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "controller/api/dispatcher.h"
#include "controller/api/faults.h"
#include "lib/base/clock.h"
#include "lib/base/result.h"
#include "lib/event/worker_pool.h"
#include "lib/http/server.h"
#include "lib/tls/context.h"

namespace libra::api {

// HTTP threads "<name>-0"… in front of a dispatcher. They only take requests in and answers
// out; the work is done by the pool, and when its queue is full the answer is 503 at once.
// Only GET /healthz is answered on the loop: it tells whether the loop lives.
//
// The dispatcher must outlive the pool, and both this. start() and stop() from one thread.
class ApiServer {
 public:
  struct Options {
    int threads = 1;
    http::Limits limits;
    std::shared_ptr<tls::ReloadingContext> tls;             // null: plain HTTP
    http::Response (*refusal)(int status) = tenantRefusal;  // what is no request at all
    std::string name = "http";                              // of the threads, up to ten characters
  };

  ApiServer(const Dispatcher& dispatcher, WorkerPool& pool, const Clock& clock, Options options);
  ~ApiServer();  // stops without patience

  Status start(int listening_fd);  // not owned; once
  // No new connections; returns when the last answer is delivered or patience is over.
  void stop(std::chrono::milliseconds patience);

 private:
  class Thread;
  void take(http::Request request, http::Reply reply) const;

  const Dispatcher& dispatcher_;
  WorkerPool& pool_;
  const Clock& clock_;
  const Options options_;
  std::vector<std::unique_ptr<Thread>> threads_;
};

}  // namespace libra::api
