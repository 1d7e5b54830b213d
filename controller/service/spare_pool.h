#pragma once

#include <memory>
#include <string>

#include "controller/service/device_gateway.h"
#include "controller/service/device_sync.h"
#include "controller/service/provider.h"
#include "controller/service/spare_checks.h"
#include "controller/service/spread.h"

namespace libra::service {

// Keeps the wanted number of spares: builds what is missing (in parallel, each enters
// the pool when it answers DISCOVER and carries a request), replaces spares that would carry
// none, destroys DELETED devices and then their rows, backs
// off when the provider fails. What only one side knows goes: a machine of ours without a row,
// a spare without a machine. With a provider that cannot build (static) it registers
// what list() says and builds nothing. All this is done by the controller that holds the
// pool's lease; the others only count. Thread-safe; blocking work runs through `run`,
// which should lead to threads of its own (builds take long).
class SparePool {
 public:
  struct Options {
    WantedSpread wanted{};
    int parallel_builds = 4;
    std::string name_prefix = "lb";            // devices are <prefix>-<8 hex digits>
    std::chrono::seconds answer_within{30};    // a built device that does not answer is destroyed
    std::chrono::seconds stranger_after{300};  // a machine of ours without a row is destroyed
    SpareChecks::Options checks{};
    Backoff backoff{std::chrono::milliseconds(500), std::chrono::milliseconds(10'000)};
  };

  SparePool(Context context, Provider& provider, DeviceGateway& gateway, DeviceSync::Run run, Options options);
  ~SparePool();

  void tick();  // about once a second, and whenever a spare was taken or a device released

  struct State {
    int wanted, spares, building, free_vips;
    std::string last_error;  // of the provider; "" when the last build went well
  };
  State state() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace libra::service
