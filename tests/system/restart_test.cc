// The job server, its TLS front and the database killed (-9) during changes: what was
// accepted comes true.

#include <future>

#include "tests/support/traffic.h"
#include "tests/system/libra_test.h"

namespace libra::test {
namespace {

class RestartTest : public LibraTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(RestartTest, LosesNothingThatWasAcceptedBeforeOrMeanwhile) {
  const auto changed = serving("changed", 1);
  Traffic traffic(lab(), lab().vipOf(changed));
  traffic.waitForMore(20);
  const auto nodes = R"({"nodes":[)" + lab().nodeJson(2) + "]}";
  ASSERT_EQ(lab().api("POST", "/loadbalancers/" + changed + "/nodes", nodes).status, 202);
  const auto before = lab().create("before");
  goesAtTheEnd(before);
  lab().kill(GetParam());
  auto answer = std::async(std::launch::async, [] { return lab().create("meanwhile"); });
  lab().up();
  const auto meanwhile = answer.get();
  goesAtTheEnd(meanwhile);

  for (const auto& lb : {changed, before, meanwhile}) {
    EXPECT_TRUE(lab().becomes(lb, "ACTIVE"));
    EXPECT_TRUE(lab().isServedBy(lab().vipOf(lb), "node1 node2"));
  }
  EXPECT_EQ(lab().sql("SELECT COUNT(*) FROM load_balancers WHERE status <> 'DELETED'"), "3");
  EXPECT_THAT(traffic.stop(), ::testing::IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Restart, RestartTest, ::testing::Values("gearmand", "job-front", "mariadb"), [](auto& part) {
  std::string name = part.param;
  std::erase(name, '-');
  return name;
});

}  // namespace
}  // namespace libra::test
