// Two controllers on one store, either killed (-9) at random while load balancers come and
// go. LIBRA_CHANGES tells how many changes: 50 unless set, 500 by hand.

#include <cstdlib>
#include <iostream>
#include <random>
#include <sstream>

#include "tests/system/libra_test.h"

namespace libra::test {
namespace {

using std::chrono::seconds;

class ControllersTest : public LibraTest {
 protected:
  static void SetUpTestSuite() {
    lab().set("LIBRA_CONTROLLERS", "2");
    lab().set("LIBRA_API_PORT_2", std::to_string(freePort()));
    lab().set("LIBRA_ADMIN_PORT_2", std::to_string(freePort()));
    lab().up();
  }
  static void TearDownTestSuite() {
    lab().set("LIBRA_CONTROLLERS", "1");
    lab().kill("controller-2");
  }

  int random(int below) { return std::uniform_int_distribution(0, below - 1)(random_); }

  // By either controller; what a dead one does not answer may have been done or not.
  void change() {
    const std::string url = random(2) == 0 ? "LIBRA_URL" : "LIBRA_URL_2";
    const auto living = lines("SELECT id FROM load_balancers WHERE status IN ('ACTIVE', 'DEGRADED')");
    try {
      if (living.size() > 1 && random(2) == 0) {
        const auto& lb = living[static_cast<std::size_t>(random(static_cast<int>(living.size())))];
        lab().api("DELETE", "/loadbalancers/" + lb, "", "LIBRA_TOKEN", url);
      } else {
        lab().api("POST", "/loadbalancers", R"({"name":"many","nodes":[)" + lab().nodeJson(1) + "]}", "LIBRA_TOKEN",
                  url);
      }
    } catch (const std::runtime_error&) {
    }
  }
  static std::vector<std::string> lines(const std::string& query) {
    std::istringstream in(lab().sql(query));
    std::vector<std::string> found;
    for (std::string line; std::getline(in, line);) found.push_back(line);
    return found;
  }
  static std::string unsettled() {
    return lab().sql("SELECT id, status FROM load_balancers WHERE status NOT IN ('ACTIVE', 'DELETED')");
  }

  const unsigned seed_ = std::random_device{}();
  std::mt19937 random_{seed_};
};

TEST_F(ControllersTest, KilledAtRandomTheyLeaveNothingHalfDoneAndNothingOwnedTwice) {
  const char* wanted = std::getenv("LIBRA_CHANGES");
  const int changes = wanted ? std::atoi(wanted) : 50;
  std::cout << "  seed " << seed_ << ", " << changes << " changes\n";
  for (int i = 1; i <= changes; ++i) {
    change();
    if (random(10) != 0) continue;
    lab().kill(random(2) == 0 ? "controller" : "controller-2");
    for (int j = random(4); j > 0; --j) change();
    lab().up();
  }
  lab().up();
  EXPECT_TRUE(waitFor([] { return unsettled().empty(); }, seconds(60))) << unsettled();
  EXPECT_EQ(
      lab().sql("SELECT device FROM load_balancers WHERE status <> 'DELETED' GROUP BY device HAVING COUNT(*) > 1"), "");
  EXPECT_EQ(lab().sql("SELECT device FROM vips WHERE device IS NOT NULL GROUP BY device HAVING COUNT(*) > 1"), "");
  EXPECT_EQ(lab().sql("SELECT COUNT(*) FROM vips WHERE device IS NOT NULL"),
            lab().sql("SELECT COUNT(*) FROM load_balancers WHERE status = 'ACTIVE'"));
  for (const auto& lb : lines("SELECT id FROM load_balancers WHERE status = 'ACTIVE'")) {
    EXPECT_TRUE(lab().isServedBy(lab().vipOf(lb), "node1"));
    goesAtTheEnd(lb);
  }
}

}  // namespace
}  // namespace libra::test
