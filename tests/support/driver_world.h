#pragma once

#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "sidecar/driver.h"

namespace libra::test {

// A real proxy on ports of its own and the driver that drives it: all that suites over
// every driver need to know of one.
class DriverWorld {
 public:
  virtual ~DriverWorld() = default;
  virtual sidecar::Driver& driver() = 0;
  virtual std::uint16_t port(std::size_t which) const = 0;  // 0 to 3: load balancers may listen there
  virtual pid_t process() const = 0;                        // of the proxy, as it was started
};

struct DriverWorldKind {
  std::string name;
  std::unique_ptr<DriverWorld> (*make)();
};
inline void PrintTo(const DriverWorldKind& kind, std::ostream* out) { *out << kind.name; }

std::unique_ptr<DriverWorld> makeHaproxyWorld();
std::unique_ptr<DriverWorld> makeNginxWorld();

// Every driver that drives a real proxy, where one can see them all.
inline std::vector<DriverWorldKind> driverWorlds() {
  return {{"haproxy", makeHaproxyWorld}, {"nginx", makeNginxWorld}};
}

}  // namespace libra::test
