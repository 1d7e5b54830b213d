// Spares that die while load balancers come and go, and devices that are emptied in order.
// LIBRA_CREATIONS tells how many: 6 unless set, 200 by hand.

#include <cstdlib>
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
  static std::string firstSpare() {
    return lab().sql("SELECT name FROM devices WHERE status = 'OFFLINE' ORDER BY id LIMIT 1");
  }
  // Whatever the pool has just now; "" when it was refused.
  static std::string create() {
    const auto answer = lab().api("POST", "/loadbalancers", R"({"name":"many","nodes":[)" + lab().nodeJson(1) + "]}");
    return answer.status == 202 ? (*json::parse(answer.body))["id"].text() : "";
  }
  static Names words(const std::string& text) {
    std::istringstream in(text);
    Names found;
    for (std::string word; in >> word;) found.insert(word);
    return found;
  }
  // The namespaces of devices, and those there should be.
  static Names made() {
    return words(shell("ip netns list | sed -n 's/^\\(" + lab().netns("lb") + "-[0-9a-f]*\\).*/\\1/p'"));
  }
  static std::string listed(const Names& names) {
    std::string text;
    for (const auto& name : names) text += name + " ";
    return text;
  }
  static Names known() {
    Names names;
    for (const auto& name : words(lab().sql("SELECT name FROM devices"))) names.insert(lab().netns(name));
    return names;
  }
};

TEST_F(PoolTest, CreationsWhileSparesDieAllEndActiveAndNothingIsLeftOver) {
  const char* wanted = std::getenv("LIBRA_CREATIONS");
  const int creations = wanted ? std::atoi(wanted) : 6;
  for (int i = 0; i < creations; ++i) {
    if (i % 2 == 0) lab().setLink(firstSpare(), false);
    std::string lb;
    ASSERT_TRUE(waitFor([&] { return !(lb = create()).empty(); }, seconds(60))) << "the pool stays empty";
    EXPECT_TRUE(waitFor([&] { return lab().statusOf(lb) == "ACTIVE"; }, seconds(60))) << lab().statusOf(lb);
    EXPECT_TRUE(lab().isServedBy(lab().vipOf(lb), "node1"));
    goesAtTheEnd(lb);
    if (i % 3 == 2) clear();
  }
  clear();
  EXPECT_TRUE(lab().poolIsFull());
  EXPECT_TRUE(waitFor([] { return made() == known(); }, seconds(60)))
      << listed(made()) << "are there, of " << listed(known());
}

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
