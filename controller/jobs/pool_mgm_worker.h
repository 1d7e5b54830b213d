#pragma once

#include <string>
#include <string_view>

#include "controller/service/pool_manager.h"
#include "lib/gear/worker.h"

namespace libra {

// The answer to a message of spec/libra.md 4.6: the request with `response` PASS or FAIL
// added, what the action yields, and the reason of a failure in `error`. Any bytes may be
// asked. Blocks as long as the action does.
std::string answerPoolMessage(service::PoolManager& pool, std::string_view payload);

// Serves these messages as Gearman function "libra_pool_mgm". The pool must outlive it.
class PoolMgmWorker {
 public:
  static constexpr const char* kFunction = "libra_pool_mgm";

  PoolMgmWorker(const gear::Connection& connection, service::PoolManager& pool)
      : worker_(connection, kFunction, "libra-controller",
                [&pool](const std::string& payload) { return answerPoolMessage(pool, payload); }) {}

  Status start() { return worker_.start(); }

 private:
  gear::Worker worker_;
};

}  // namespace libra
