#include <gtest/gtest.h>

#include "sidecar/make_driver.h"
#include "tests/contract/driver_contract.h"

namespace libra::test {

class NoopHost {
 public:
  NoopHost() : driver_(*sidecar::makeDriver("noop", {}, clock_)) {}

  sidecar::Driver& driver() { return *driver_; }
  std::uint16_t port(std::size_t which) const { return static_cast<std::uint16_t>(80 + which); }

 private:
  SystemClock clock_;
  std::unique_ptr<sidecar::Driver> driver_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Noop, DriverContract, NoopHost);

}  // namespace libra::test
