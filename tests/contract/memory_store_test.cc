#include "tests/support/memory_store.h"
#include "tests/contract/store/store_contract.h"

namespace libra::test {

INSTANTIATE_TEST_SUITE_P(Memory, StoreContract,
                         ::testing::Values([] { return std::make_shared<test::MemoryStore>(); }));

}  // namespace libra::test
