#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "controller/service/device_sync.h"

namespace libra::service {

// What the caller has to do once the transaction is committed.
struct Settled {
  bool more = false;                             // the device has a newer generation to apply
  bool released = false;                         // its last load balancer is gone, it is DELETED
  std::map<std::string, std::int64_t> counters;  // to add
  std::vector<std::int64_t> due;                 // devices that waited for this one
};

// What the end of a job, or of the patience with it, means for the rows of a device
// (spec 2.1, 2.3, 4.5). Lives in one transaction, one call each. Repeating a call,
// late or from another controller, changes nothing more.
class Settlement {
 public:
  Settlement(Txn& txn, const Context& context, const DeviceSync::Options& options)
      : txn_(txn), context_(context), options_(options), now_(context.clock.now()) {}

  // The device runs this generation. One it should not know yet makes the wanted one leap past it.
  Settled applied(std::int64_t device, std::uint64_t generation);
  // It did not take this generation. `answered`: it said so; too often means giving up.
  Settled failed(std::int64_t device, std::uint64_t generation, const std::string& text, bool answered);
  // Its load balancers past their deadline wait no longer.
  Settled overdue(std::int64_t device);

 private:
  model::DeviceStatus conclude(const model::Device& device, std::size_t load_balancers);
  std::optional<model::Device> recordFailure(std::int64_t device, std::uint64_t generation, const std::string& text);
  void giveUp(const model::Device& device, const std::string& text,
              const std::function<bool(const model::LoadBalancer&)>& waits);
  void confirm(const model::LoadBalancer& lb);
  void abandon(const model::LoadBalancer& lb, const std::string& text);
  void erase(const model::LoadBalancer& lb);
  void move(const model::LoadBalancer& lb, model::LbStatus to, std::string_view text);
  void retire(const model::Device& device);
  void move(const model::Device& device, model::DeviceStatus to);
  void releaseVips(std::int64_t device);
  void tell(const model::LoadBalancer& lb, model::LbStatus to, std::string_view text);
  void tell(const model::Device& device, model::DeviceStatus to, std::string_view text);
  Settled finished();

  Txn& txn_;
  const Context& context_;
  const DeviceSync::Options& options_;
  const Time now_;
  Settled settled_;
  std::size_t removed_ = 0;       // load balancers
  std::vector<EventRow> events_;  // written by finished(), all at once
};

}  // namespace libra::service
