// Devices with HAProxy and with nginx in one pool. What nginx cannot is played: the API offers
// nothing yet that it really cannot.

#include "tests/system/libra_test.h"

namespace libra::test {
namespace {

class MixedTest : public LibraTest {
 protected:
  static void SetUpTestSuite() {
    lab().down();
    lab().set("LIBRA_DRIVER", "haproxy,nginx");
    lab().up();
    lab().sql(
        "CREATE TRIGGER less BEFORE INSERT ON devices FOR EACH ROW SET NEW.capabilities = IF(NEW.driver = 'nginx', "
        "REPLACE(NEW.capabilities, ' least-connections', ''), NEW.capabilities)");
    lab().sql(
        "UPDATE devices SET capabilities = REPLACE(capabilities, ' least-connections', '') WHERE driver = 'nginx'");
  }
  static void TearDownTestSuite() {
    lab().down();
    lab().set("LIBRA_DRIVER", "haproxy");
  }

  std::string driverOf(const std::string& lb) {
    return lab().sql("SELECT driver FROM devices WHERE name = '" + lab().deviceOf(lb) + "'");
  }
  std::string servingOnNginx() {
    for (;;)
      if (auto lb = serving("plain"); driverOf(lb) == "nginx") return lb;
  }
  // So that nginx is the next to be given, though not the only one.
  void keepBackTheFirstHaproxySpares() {
    const std::string spares = " FROM devices WHERE status = 'OFFLINE' AND NOT maintenance AND driver = ";
    const auto arrives = [&](const std::string& driver) {
      return waitFor([&] { return lab().sql("SELECT COUNT(*)" + spares + driver) != "0"; }, std::chrono::seconds(30));
    };
    ASSERT_TRUE(arrives("'nginx'"));
    const auto first = lab().sql("SELECT MIN(id)" + spares + "'nginx'");
    lab().sql("UPDATE devices SET maintenance = 1 WHERE status = 'OFFLINE' AND driver = 'haproxy' AND id < " + first);
    ASSERT_TRUE(arrives("'haproxy'"));
  }
};

TEST_F(MixedTest, ALoadBalancerComesToAndMovesToWhatCanCarryIt) {
  const auto plain = servingOnNginx();
  keepBackTheFirstHaproxySpares();
  const std::string least = R"("algorithm":"LEAST_CONNECTIONS")";
  const auto demanding = serving("demanding", 2, "," + least);
  EXPECT_EQ(driverOf(demanding), "haproxy");

  const auto refused = lab().api("PUT", "/loadbalancers/" + plain, "{" + least + "}");
  EXPECT_EQ(refused.status, 400);
  EXPECT_THAT(refused.body, ::testing::HasSubstr("it has no least-connections"));

  keepBackTheFirstHaproxySpares();
  const auto lost = lab().deviceOf(demanding);
  shell("nsenter --net=/run/netns/" + lab().netns(lost) + " ip link set eth0 down");
  ASSERT_TRUE(waitFor([&] { return lab().deviceOf(demanding) != lost; }, std::chrono::seconds(60)));
  EXPECT_TRUE(lab().becomes(demanding, "ACTIVE"));
  EXPECT_EQ(driverOf(demanding), "haproxy");
  EXPECT_TRUE(lab().isServedBy(lab().vipOf(demanding), "node1 node2"));
}

}  // namespace
}  // namespace libra::test
