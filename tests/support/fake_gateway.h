#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <string>

#include "controller/service/device_gateway.h"
#include "lib/protocol/device_report.h"

namespace libra::test {

// Devices that are only played: each keeps what it was given, answers as a sidecar
// would, and can be told to misbehave. Answers come at once, on the caller's thread,
// except from a device that hangs. Thread-safe.
class FakeGateway final : public service::DeviceGateway {
 public:
  enum class Mood { Obeys, Fails, Unreachable, Hangs };
  struct Device {
    Mood mood = Mood::Obeys;
    protocol::DeviceState runs;
    std::map<std::string, protocol::NodeHealth> nodes;
    std::vector<std::string> events;
    int updates = 0;  // jobs it was sent
    int checks = 0;
    bool sound = true;                         // carries a request
    std::vector<protocol::UsagePeriod> usage;  // METRICS is told the first that is not acknowledged, or the last
    std::vector<std::uint64_t> acknowledged;   // by those who asked
    protocol::Answer discovered;
  };

  // Look at and change a device.
  template <typename Change>
  void with(const std::string& name, Change change) {
    std::lock_guard lock(mutex_);
    change(known(name));
  }
  void becomes(const std::string& name, Mood mood) {
    with(name, [&](Device& device) { device.mood = mood; });
  }
  Device device(const std::string& name) {
    std::lock_guard lock(mutex_);
    return known(name);
  }
  // Those not spoken of yet.
  void othersBecome(Mood mood) {
    std::lock_guard lock(mutex_);
    others_ = mood;
  }

  // What those not spoken of yet say of themselves, and whether they carry a request.
  void othersTell(std::vector<std::string> capabilities, bool sound = true) {
    std::lock_guard lock(mutex_);
    told_ = std::move(capabilities);
    sound_ = sound;
  }

  std::size_t hanging();
  // The oldest job of a hanging device goes on as if the device were in this mood.
  void release(Mood mood);

  void update(const std::string& device, const protocol::DeviceState& state, Done done) override;
  void stats(const std::string& device, Done done) override;
  void metrics(const std::string& device, std::uint64_t acknowledged, Done done) override;
  void check(const std::string& device, Done done) override;
  void discover(const std::string& device, std::chrono::milliseconds timeout, Done done) override;

 private:
  using Work = std::function<protocol::Answer(Device&)>;
  struct Job {
    std::string device;
    Work work;
    Done done;
  };
  Device& known(const std::string& name) {
    const auto [device, fresh] = devices_.try_emplace(name);
    if (fresh) {
      device->second.mood = others_;
      device->second.discovered.capabilities = told_;
      device->second.sound = sound_;
    }
    return device->second;
  }
  void deliver(Job job);
  Result<protocol::Answer> play(const Job& job, Mood mood);

  std::mutex mutex_;
  std::map<std::string, Device> devices_;
  std::deque<Job> hanging_;
  Mood others_ = Mood::Obeys;
  std::vector<std::string> told_;
  bool sound_ = true;
};

}  // namespace libra::test
