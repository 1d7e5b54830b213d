#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "controller/service/pool_manager.h"
#include "lib/base/clock.h"
#include "lib/gear/worker.h"

namespace libra {

// The answer to a message of spec/libra.md 4.6: the request with `response` PASS or FAIL
// added, what the action yields, and the reason of a failure in `error`. Any bytes may be
// asked. Blocks as long as the action does.
std::string answerPoolMessage(service::PoolManager& pool, std::string_view payload);

// Serves these messages as Gearman function "libra_pool_mgm"; `sealed`, only those that a
// controller's certificate has sealed. The pool must outlive it.
class PoolMgmWorker {
 public:
  static constexpr const char* kFunction = "libra_pool_mgm";

  PoolMgmWorker(gear::Connection connection, service::PoolManager& pool, bool sealed)
      : connection_(std::move(connection)), pool_(pool), sealed_(sealed) {}

  Status start();

 private:
  const gear::Connection connection_;
  service::PoolManager& pool_;
  const bool sealed_;
  const SystemClock clock_;
  std::optional<gear::Worker> worker_;
};

}  // namespace libra
