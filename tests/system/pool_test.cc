// A device that is emptied in order.

#include <iostream>
#include <set>
#include <sstream>

#include "tests/support/traffic.h"
#include "tests/system/libra_test.h"

namespace libra::test {
namespace {

using std::chrono::seconds;
using Names = std::set<std::string>;

class PoolTest : public LibraTest {
 protected:
  static Names words(const std::string& text) {
    std::istringstream in(text);
    Names found;
    for (std::string word; in >> word;) found.insert(word);
    return found;
  }
  // The namespaces of devices.
  static Names made() {
    return words(shell("ip netns list | sed -n 's/^\\(" + lab().netns("lb") + "-[0-9a-f]*\\).*/\\1/p'"));
  }
};

TEST_F(PoolTest, ADrainedDeviceKeepsItsClientsUntilAnotherServesThem) {
  const auto lb = serving("drained"), vip = lab().vipOf(lb), old = lab().deviceOf(lb);
  Traffic traffic(lab(), vip);
  traffic.waitForMore(20);
  const auto id = lab().sql("SELECT id FROM devices WHERE name = '" + old + "'");
  EXPECT_EQ(lab().api("POST", "/devices/" + id + "/drain", "{}", "LIBRA_ADMIN_TOKEN", "LIBRA_ADMIN_URL").status, 200);
  EXPECT_TRUE(lab().becomes(lb, "ACTIVE"));
  EXPECT_NE(lab().deviceOf(lb), old);
  EXPECT_TRUE(waitFor([&] { return !made().contains(lab().netns(old)); }, seconds(60))) << "it was used, so it goes";
  traffic.waitForMore(100);
  const auto failures = traffic.stop();
  for (const auto& failure : failures) std::cout << "  " << failure << "\n";
  // For some milliseconds both answer for the address, and connections made then may be cut.
  EXPECT_LE(failures.size(), 10u);
  EXPECT_TRUE(lab().isServedBy(vip, "node1 node2"));
}

}  // namespace
}  // namespace libra::test
