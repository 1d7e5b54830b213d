#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "controller/provider/netns_helper/supervisor.h"
#include "lib/base/locked.h"
#include "lib/tls/authority.h"

namespace libra::provider::netns {

// The devices of this host. All state is on disk: a helper that was killed at any moment
// leaves what the next one adopts, or takes away if its build had not ended. Thread-safe;
// two calls for one device at once: the second is refused (Unavailable).
class Devices {
 public:
  // Makes the bridge and adopts what exists. Fails when another helper has these devices.
  static Result<std::unique_ptr<Devices>> open(const Settings& settings);

  Result<std::string> build(const std::string& name);  // its address; one that exists is told again
  Status destroy(const std::string& name);             // absent is ok
  Status fence(const std::string& name);               // its wire is dead and all its processes too
  std::vector<std::string> list() const;

 private:
  class Turn;
  Devices(Settings settings, Fd lock, tls::Identity authority);
  Status adopt(const std::string& name);
  Status make(const std::string& name, int index);
  Status takeAway(const std::string& name);
  Result<int> takeIndex(const std::string& name);
  void giveBackIndex(const std::string& name);

  const Settings settings_;
  const Fd lock_;
  const tls::Identity authority_;
  Locked<std::map<int, std::string>> indexes_;  // whose they are
  Locked<std::set<std::string>> busy_;
  Supervisor supervisor_;
};

// Takes away every device, every namespace <prefix>-* and all that lives there. Fails
// while a helper runs.
Status removeEverything(const Settings& settings);

}  // namespace libra::provider::netns
