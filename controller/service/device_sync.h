#pragma once

#include <functional>
#include <memory>

#include "controller/service/change_phases.h"
#include "controller/service/device_gateway.h"
#include "controller/service/load_balancers.h"
#include "lib/base/backoff.h"

namespace libra::service {

// Makes wanted states true: reads a device's whole wanted state, sends it, stores what
// the answer means (spec 2.1, 2.3; walk 1 of style.md). What is due is read from the rows
// (applied_generation < generation and next_due passed), so nothing is lost with the
// process: wake() only makes it quick, sweep() finds whatever a lost wake left behind.
// What the sweep finds is done by whoever holds the device's lease; a wake is followed up by
// whoever was woken. Both are safe at once, since the end of a job is stored by the generation.
// At most one job per device is under way from this process; a generation that rose
// meanwhile is sent right after. Transactions and sends run through `run` (a worker pool).
// All members are thread-safe.
class DeviceSync {
 public:
  using Run = std::function<void(std::function<void()>)>;
  struct Options {
    Backoff backoff{std::chrono::milliseconds(200), std::chrono::milliseconds(15'000)};
    int attempts = 8;                // failures answered by the device after which its load balancers show ERROR
    ChangePhases* phases = nullptr;  // told how long jobs took; must outlive it
  };

  // `released` is told of devices whose last load balancer is gone (they are DELETED then).
  DeviceSync(Context context, DeviceGateway& gateway, Run run, Options options, std::function<void()> released = {});
  ~DeviceSync();

  void wake(std::int64_t device);
  // As wake(), with what was just committed for a device that had nothing to do: a new load
  // balancer is sent without being read again.
  void begin(std::int64_t device, DeviceJob job);
  void sweep();  // due devices and load balancers past their deadline, of our shards; about once a second
  int underWay() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace libra::service
