#include "lib/base/clock.h"
#include "tests/support/driver_world.h"
#include "tests/support/haproxy_process.h"

namespace libra::test {

namespace {

class HaproxyWorld final : public DriverWorld {
 public:
  HaproxyWorld() : driver_(*sidecar::makeDriver("haproxy", proxy_.config(), clock_)) {}

  sidecar::Driver& driver() override { return *driver_; }
  std::uint16_t port(std::size_t which) const override { return proxy_.port(which); }
  pid_t process() const override { return proxy_.pid(); }

 private:
  SystemClock clock_;
  HaproxyProcess proxy_;
  std::unique_ptr<sidecar::Driver> driver_;
};

}  // namespace

std::unique_ptr<DriverWorld> makeHaproxyWorld() { return std::make_unique<HaproxyWorld>(); }

}  // namespace libra::test
