#pragma once

#include "controller/service/load_balancers.h"

namespace libra::service {

// Moves all a device carries to a spare: one transaction, then the ordinary device sync
// makes it true on both. The old device ends in ERROR, wanted to run nothing, and is
// destroyed by the pool; it gives up its VIPs as soon as it hears of it. Thread-safe.
class Failover {
 public:
  explicit Failover(Context context) : context_(std::move(context)) {}

  // The device that carries its load balancers from now on. NotFound: no such device, or
  // one that is DELETED. Internal when there is no spare; nothing has changed then.
  Result<model::Device> rebuild(std::int64_t device);

  // The same for a device that is well, in order: it serves on until the spare does, and only then
  // is it emptied, to be destroyed. `target`: that spare and no other. Conflict when there is none,
  // Invalid when it carries nothing; nothing has changed then.
  Result<model::Device> drain(std::int64_t device, std::int64_t target = 0);

  enum class Outcome {
    Gone,   // no such device any more
    Empty,  // it carries nothing
    Moved,
    Waits  // for a spare: its load balancers show ERROR(REBUILDING) until resume() moves them
  };
  struct Recovery {
    Outcome outcome = Outcome::Gone;
    std::optional<model::Device> target;  // that carries its load balancers from now on
  };
  // The same for a device that died, which is ERROR afterwards unless it is Gone. Conflict: its
  // lease is another controller's.
  Result<Recovery> recover(std::int64_t device, const std::string& why);

  // Moves what waits for a spare in our shards, the longest waiting first, as far as the spares go.
  Status resume();

 private:
  Context context_;
};

}  // namespace libra::service
