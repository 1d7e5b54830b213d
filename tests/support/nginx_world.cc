#include "lib/base/clock.h"
#include "tests/support/driver_world.h"
#include "tests/support/nginx_device.h"

namespace libra::test {

namespace {

class NginxWorld final : public DriverWorld {
 public:
  NginxWorld() : driver_(*sidecar::makeDriver("nginx", proxy_.config(), clock_)) {}

  sidecar::Driver& driver() override { return *driver_; }
  std::uint16_t port(std::size_t which) const override { return proxy_.port(which); }
  pid_t process() const override { return proxy_.master(); }

 private:
  SystemClock clock_;
  NginxDevice proxy_;
  std::unique_ptr<sidecar::Driver> driver_;
};

}  // namespace

std::unique_ptr<DriverWorld> makeNginxWorld() { return std::make_unique<NginxWorld>(); }

}  // namespace libra::test
