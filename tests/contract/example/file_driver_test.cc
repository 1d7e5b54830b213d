#include "tests/contract/example/file_driver.h"
#include "tests/contract/driver_contract.h"
#include "tests/support/temp_dir.h"

namespace libra::test {

class FileHost {
 public:
  sidecar::Driver& driver() { return driver_; }
  std::uint16_t port(std::size_t which) const { return static_cast<std::uint16_t>(80 + which); }

 private:
  TempDir folder_;
  example::FileDriver driver_{folder_.path() + "/state.json"};
};

INSTANTIATE_TYPED_TEST_SUITE_P(ExampleFile, DriverContract, FileHost);

}  // namespace libra::test
