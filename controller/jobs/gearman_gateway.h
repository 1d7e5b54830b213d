#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "controller/service/device_gateway.h"
#include "lib/base/clock.h"
#include "lib/gear/client.h"
#include "lib/gear/tls_pipe.h"

namespace libra {

// DeviceGateway over Gearman: a device's function has its name.
//
// A device that hangs must hold up nobody, and libgearman can only be waited for by a
// thread of its own: so a sender waits `patience` for an answer, by far enough for a
// device that is well, and then hands the call with its connection to one patient
// thread, which goes round all such calls until they are answered or out of time. Any
// number of devices may hang; each costs a connection, and once `patience` of a sender.
// With a device that has to introduce itself first, a call is two jobs.
class GearmanGateway final : public service::DeviceGateway {
 public:
  struct Options {
    int senders = 8;
    std::chrono::milliseconds update_timeout{10'000};
    std::chrono::milliseconds stats_timeout{5'000};
    std::chrono::milliseconds patience{20};
    std::size_t most_waiting = 512;  // late calls at a time; beyond, a late call fails at once
    bool sealed = true;              // jobs that only the device can read and answer (docs/sealed-jobs.md)
  };

  // Fails without usable certificates.
  static Result<std::unique_ptr<GearmanGateway>> open(const gear::Connection& connection, const Options& options,
                                                      const Clock& clock);
  ~GearmanGateway() override;  // calls not yet answered end as Unavailable

  void update(const std::string& device, const protocol::DeviceState& state, Done done) override;
  void stats(const std::string& device, Done done) override;
  void metrics(const std::string& device, std::uint64_t acknowledged, Done done) override;
  void check(const std::string& device, Done done) override;
  void discover(const std::string& device, std::chrono::milliseconds timeout, Done done) override;

  bool usable() const;  // some job server answers
  std::vector<gear::TlsPipe::ServerState> servers() const;

 private:
  struct Impl;
  explicit GearmanGateway(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace libra
