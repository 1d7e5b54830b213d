#pragma once

#include <string>
#include <vector>

#include "controller/model/device.h"
#include "lib/base/result.h"

namespace libra::service {

// A machine to be made: its name, and where if that matters ("": the provider's own choice).
struct Site {
  std::string name;
  std::string zone{};
  std::string host_group{};
};

// Makes and destroys devices. Calls block (seconds to minutes): own threads only.
// Safe to call from several threads at once.
class Provider {
 public:
  virtual ~Provider() = default;

  // A machine whose sidecar will register at the job servers under the site's name. Returns
  // when it is made, not when it answers. One that cannot build tells of a machine of its list().
  virtual Result<model::NewDevice> build(const Site& site) = 0;
  virtual Status destroy(const std::string& name) = 0;  // absent is ok
  virtual Status fence(const std::string& name) = 0;    // it can hold no VIP after this
  virtual Result<std::vector<std::string>> list() = 0;  // names that exist, ours only
  virtual bool canBuild() const = 0;                    // static: false, and its destroy() leaves the machine as it is
};

}  // namespace libra::service
