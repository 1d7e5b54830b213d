#pragma once

#include <atomic>
#include <map>
#include <mutex>

#include "controller/service/device_gateway.h"

namespace libra::bench {

// Devices that only read: each UPDATE is written as it would go over the wire, parsed
// again and believed when its generation is newer than what the device had. The answer
// comes at once on the caller's thread. Thread-safe.
class PlayedDevices final : public service::DeviceGateway {
 public:
  void update(const std::string& device, const protocol::DeviceState& state, Done done) override;
  void stats(const std::string& device, Done done) override;
  void metrics(const std::string& device, std::uint64_t, Done done) override { stats(device, std::move(done)); }
  void check(const std::string& device, Done done) override { stats(device, std::move(done)); }
  void discover(const std::string& device, std::chrono::milliseconds timeout, Done done) override;

  int applied() const { return applied_; }
  int refused() const { return refused_; }  // unreadable, or not newer

 private:
  std::mutex mutex_;
  std::map<std::string, std::uint64_t> generations_;
  std::atomic<int> applied_ = 0, refused_ = 0;
};

}  // namespace libra::bench
