#pragma once

#include <set>
#include <string>

#include "controller/service/load_balancers.h"
#include "lib/base/backoff.h"

namespace libra::service {

// Where alerts go besides the log. Called by one thread at a time; may block for seconds.
class AlertHook {
 public:
  virtual ~AlertHook() = default;
  virtual Status tell(const model::Event& event) = 0;  // an error: it is told again later
};

// Tells people of events that ask for one, and does nothing about them: whatever heals goes on
// whether or not anybody can be told. Events come from the rows, so that none is missed when a
// controller dies: it is told again by the next holder of the pool's lease, at least once.
class Alerts {
 public:
  struct Options {
    std::set<std::string, std::less<>> kinds{"device.lost",    "device.error",       "device.vanished",
                                             "device.bad",     "loadbalancer.error", "loadbalancer.waits",
                                             "vip.two_holders"};
    Backoff backoff{std::chrono::milliseconds(1000), std::chrono::milliseconds(60'000)};  // when the hook fails
  };

  // `hook`: none needed, the log is always told. Must outlive this.
  Alerts(Context context, AlertHook* hook, Options options)
      : context_(std::move(context)), hook_(hook), options_(std::move(options)) {}

  void work();  // about once a second, one thread at a time; blocks as long as the hook does

 private:
  Result<std::vector<model::Event>> unread();
  bool tell(const model::Event& event);
  void remember(std::int64_t read);

  Context context_;
  AlertHook* const hook_;
  const Options options_;
  std::int64_t logged_ = 0;  // the last event that the log was told of
  int failures_ = 0;
  Instant not_before_{};
};

}  // namespace libra::service
