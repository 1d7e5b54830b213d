#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "lib/heartbeat/sender.h"
#include "lib/protocol/device_answer.h"
#include "lib/protocol/device_report.h"
#include "sidecar/device_keeper.h"

namespace libra::sidecar {

// Job in, answer out (spec 4.4). Keeps nothing it could ask the proxy for. All members
// may be called from any thread; what touches the device is done by one at a time.
class Agent {
 public:
  struct Options {
    std::string version, release;                   // for DISCOVER
    std::function<protocol::Diagnosis()> diagnose;  // may take seconds
    std::function<void()> changed;                  // a new cold start is due; must return at once
    // What the device is now, and which VIPs it is to hold; must return at once.
    std::function<void(const heartbeat::Report&, const std::vector<protocol::VirtualIpState>&)> tell;
  };

  Agent(DeviceKeeper& keeper, Driver& driver, UsageLedger& usage, Options options);

  std::string answer(const std::string& payload);
  void upkeep();                              // about once a second
  void yield(const heartbeat::HeldVip& vip);  // another device holds it with this epoch
  void trustVips();                           // those of an earlier life may be taken up
  bool trustUndefended();                     // those of them that no neighbour has; false: not all
  void proxyRestarted();
  void writeColdStart();  // if one is due
  heartbeat::Report report();

 private:
  heartbeat::Report snapshot() const;
  void tell() const { options_.tell(snapshot(), keeper_.wanted().virtual_ips); }
  json::Value run(protocol::Job job);
  json::Value update(json::Value request);
  json::Value apply(json::Value request, protocol::DeviceState wanted);
  json::Value olderUpdate(json::Value request) const;
  json::Value suspend(json::Value request, bool suspended);
  json::Value erase(json::Value request);
  json::Value stats(json::Value request);
  json::Value metrics(json::Value request);
  json::Value archive(json::Value request) const;
  json::Value discover(json::Value request) const;
  json::Value diagnostics(json::Value request) const;
  json::Value check(json::Value request);

  std::mutex mutex_;  // guards the three below and what they stand for
  DeviceKeeper& keeper_;
  Driver& driver_;
  UsageLedger& usage_;
  const Options options_;
};

}  // namespace libra::sidecar
