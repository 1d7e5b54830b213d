// The operator's commands against the admin API with its real services.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "cli/run.h"
#include "tests/support/admin_world.h"
#include "tests/support/http_server.h"

namespace libra::cli {
namespace {

using ::testing::HasSubstr;

class OperatorCommands : public ::testing::Test {
 protected:
  // Runs "libra <words>" and keeps what it printed.
  int libra(std::vector<std::string> words, const std::string& token = "token-operator") {
    words.insert(words.begin(), {"libra", "--admin-url", server_.url() + "/v2.0", "--admin-token", token});
    std::vector<char*> argv;
    for (auto& word : words) argv.push_back(word.data());
    std::ostringstream out, err;
    const int code = run(static_cast<int>(argv.size()), argv.data(), out, err);
    out_ = out.str();
    err_ = err.str();
    return code;
  }

  test::AdminWorld world_;
  test::HttpServer server_{{}, [this](http::Request request, http::Reply reply) {
                             reply(world_.admin.handle(request, world_.clock.monotonic()));
                           }};
  std::string out_, err_;
};

TEST_F(OperatorCommands, ListAndFilterDevices) {
  world_.create();
  EXPECT_EQ(libra({"device", "list", "-f", "value", "-c", "name", "-c", "status", "-c", "vip"}), kDone) << err_;
  EXPECT_THAT(out_, HasSubstr("lb-0 ONLINE 2 - 10.77.9.1\n"));
  EXPECT_THAT(out_, HasSubstr("lb-1 OFFLINE \n"));
  EXPECT_EQ(libra({"device", "list", "--status", "ONLINE", "--vip", "10.77.9.1", "-f", "value", "-c", "name"}), kDone);
  EXPECT_EQ(out_, "lb-0\n");
  EXPECT_EQ(libra({"device", "list", "--name", "a&status=ONLINE", "-f", "value"}), kDone);
  EXPECT_EQ(out_, "");
}

TEST_F(OperatorCommands, ShowWhatALoadBalancerWaitsFor) {
  world_.devicesHang();
  const auto lb = world_.create();
  EXPECT_EQ(libra({"loadbalancer", "show", "--operator", lb, "-f", "value", "-c", "tenant", "-c", "status", "-c",
                   "attempts"}),
            kDone)
      << err_;
  EXPECT_EQ(out_, "A\nBUILD\n0\n");
  EXPECT_EQ(libra({"loadbalancer", "show", "--operator", lb, "-f", "json"}), kDone);
  EXPECT_THAT(out_, HasSubstr("\"waiting\": {"));
}

TEST_F(OperatorCommands, ShowWhatALoadBalancerUsed) {
  const auto lb = world_.create();
  model::UsageReport report{4, 1, Time(std::chrono::hours(1)), Time(std::chrono::hours(2)), {}};
  report.samples.push_back({.load_balancer = std::stoll(lb), .bytes_out = 60, .connections = 3, .status = "ACTIVE"});
  ASSERT_TRUE(world_.store.transact([&](service::Txn& txn) {
    txn.usage().add(report);
    return ok();
  }));
  EXPECT_EQ(libra({"loadbalancer", "usage", lb, "-f", "value", "-c", "device", "-c", "bytesOut", "-c", "connections"}),
            kDone)
      << err_;
  EXPECT_EQ(out_, "4 60 3\n");
  EXPECT_EQ(libra({"loadbalancer", "usage", lb, "--limit", "0"}), kUsage);
}

TEST_F(OperatorCommands, ShowAskAndDeleteADevice) {
  const auto lb = world_.create();
  const auto id = std::to_string(world_.deviceOf(lb));
  EXPECT_EQ(libra({"device", "show", id, "-f", "json"}), kDone) << err_;
  EXPECT_THAT(out_, HasSubstr("\"loadBalancers\""));
  EXPECT_EQ(libra({"device", "discover", id, "-f", "value", "-c", "id"}), kDone) << err_;
  EXPECT_EQ(out_, id + "\n");
  EXPECT_EQ(libra({"device", "delete", id, "-f", "value"}), kDone) << err_;
  EXPECT_EQ(out_, id + "\n" + std::to_string(world_.deviceOf(lb)) + "\n");
  const auto spare = world_.ask("GET", "/v2.0/devices?status=OFFLINE").body["devices"][0]["id"].integer();
  EXPECT_EQ(libra({"device", "delete", std::to_string(spare)}), kDone) << err_;
  EXPECT_EQ(out_, "") << "nothing had to move";
  EXPECT_EQ(libra({"device", "show", "999"}), kNotFound);
  EXPECT_THAT(err_, HasSubstr("device id 999not found"));
}

TEST_F(OperatorCommands, FailADeviceOver) {
  const auto lb = world_.create();
  const auto id = std::to_string(world_.deviceOf(lb));
  EXPECT_EQ(libra({"device", "failover", id, "-f", "value"}), kDone) << err_;
  EXPECT_EQ(out_, id + "\n" + std::to_string(world_.deviceOf(lb)) + "\n");
  EXPECT_EQ(libra({"device", "failover", "999"}), kNotFound);
}

TEST_F(OperatorCommands, DrainADevice) {
  const auto lb = world_.create();
  const auto id = std::to_string(world_.deviceOf(lb));
  EXPECT_EQ(libra({"device", "drain", id, "-f", "value"}), kDone) << err_;
  EXPECT_EQ(out_, id + "\n" + std::to_string(world_.deviceOf(lb)) + "\n");
  EXPECT_EQ(libra({"device", "drain", "999"}), kNotFound);
}

TEST_F(OperatorCommands, ShowAndMoveAVirtualIp) {
  const auto lb = world_.create();
  const auto from = std::to_string(world_.deviceOf(lb));
  const auto vip = std::to_string(world_.ask("GET", "/v2.0/vips").body["vips"][0]["id"].integer());
  EXPECT_EQ(libra({"vip", "show", vip, "-f", "value", "-c", "address", "-c", "device"}), kDone) << err_;
  EXPECT_EQ(out_, "10.77.9.1\n" + from + "\n");
  const auto spare =
      std::to_string(world_.ask("GET", "/v2.0/devices?status=OFFLINE").body["devices"][1]["id"].integer());
  EXPECT_EQ(libra({"vip", "move", vip, "--device", spare, "-f", "value"}), kDone) << err_;
  EXPECT_EQ(out_, from + "\n" + spare + "\n");
  EXPECT_EQ(std::to_string(world_.deviceOf(lb)), spare);
  EXPECT_EQ(libra({"vip", "move", vip, "--device", spare}), kConflict) << "it is no spare any more";
  EXPECT_EQ(libra({"vip", "move", vip, "--device", "lb-1"}), kUsage);
  EXPECT_EQ(libra({"vip", "show", "999"}), kNotFound);
}

TEST_F(OperatorCommands, ShowAndCloseTheBreaker) {
  EXPECT_EQ(libra({"breaker", "show", "-f", "value", "-c", "open", "-c", "waiting"}), kDone) << err_;
  EXPECT_EQ(out_, "false\n0\n");
  EXPECT_EQ(libra({"breaker", "close"}), kDone) << err_;
  EXPECT_EQ(out_, "");
}

TEST_F(OperatorCommands, PutADeviceIntoMaintenance) {
  const auto id = world_.ask("GET", "/v2.0/devices").body["devices"][0]["id"].integer();
  EXPECT_EQ(libra({"device", "set", std::to_string(id), "--maintenance", "on"}), kDone) << err_;
  EXPECT_TRUE(world_.device(id).maintenance);
  EXPECT_EQ(libra({"device", "set", std::to_string(id), "--maintenance", "off"}), kDone) << err_;
  EXPECT_FALSE(world_.device(id).maintenance);
  EXPECT_EQ(libra({"device", "set", std::to_string(id)}), kUsage);
}

TEST_F(OperatorCommands, ShowThePoolAndCounters) {
  world_.create();
  EXPECT_EQ(libra({"pool", "show", "-f", "value"}), kDone) << err_;
  EXPECT_EQ(out_, "1\n3\n0\n0\n1\n3\n0\n");
  EXPECT_EQ(libra({"pool", "show", "-f", "json"}), kDone);
  EXPECT_THAT(out_, HasSubstr("\"devices\""));
  EXPECT_EQ(libra({"counter", "list", "-f", "value"}), kDone);
  EXPECT_THAT(out_, HasSubstr("api_loadbalancers_create 1\n"));
}

TEST_F(OperatorCommands, ListEvents) {
  const auto lb = world_.create();
  EXPECT_EQ(libra({"event", "list", "--loadbalancer", lb, "-f", "value", "-c", "kind", "-c", "object"}), kDone) << err_;
  EXPECT_EQ(out_, "loadbalancer.active loadbalancer/" + lb + "\n");
  EXPECT_EQ(libra({"event", "list", "--limit", "1", "-f", "value", "-c", "kind"}), kDone);
  EXPECT_EQ(std::count(out_.begin(), out_.end(), '\n'), 1);
  EXPECT_EQ(libra({"event", "list", "--device", "1", "--vip", "2"}), kUsage);
}

TEST_F(OperatorCommands, SetLimits) {
  EXPECT_EQ(libra({"admin-limit", "set", "maxLoadBalancers", "7"}), kDone) << err_;
  EXPECT_EQ(libra({"admin-limit", "show", "-f", "value", "-c", "maxLoadBalancers"}), kDone);
  EXPECT_EQ(out_, "7\n");
  EXPECT_EQ(libra({"admin-limit", "set", "maxLoadBalancers", "3", "--tenant", "A/B"}), kNotFound);
  EXPECT_EQ(libra({"admin-limit", "set", "maxLoadBalancers", "3", "--tenant", "A"}), kDone) << err_;
  EXPECT_EQ(libra({"admin-limit", "show", "--tenant", "A", "-f", "value"}), kDone);
  EXPECT_EQ(out_, "3\n");
  EXPECT_EQ(libra({"admin-limit", "set", "maxLoadBalancers", "none", "--tenant", "A"}), kDone) << err_;
  EXPECT_TRUE(world_.store.rows().tenant_limit.empty());
  EXPECT_EQ(libra({"admin-limit", "set", "maxLoadBalancers", "many"}), kUsage);
  EXPECT_EQ(libra({"admin-limit", "set", "max", "1"}), kFailed);
  EXPECT_THAT(err_, HasSubstr("Limit not found: max"));
}

TEST_F(OperatorCommands, KeepUsers) {
  EXPECT_EQ(libra({"admin-user", "add", "C"}), kDone) << err_;
  EXPECT_EQ(libra({"admin-user", "show", "C", "-f", "value"}), kDone);
  EXPECT_EQ(out_, "C\nUSER\n");
  EXPECT_EQ(libra({"admin-user", "set", "C", "--level", "ADMIN"}), kDone) << err_;
  EXPECT_EQ(libra({"admin-user", "list", "-f", "value"}), kDone);
  EXPECT_EQ(out_, "operator ADMIN\nviewer USER\nC ADMIN\n");
  EXPECT_EQ(libra({"admin-user", "delete", "C"}), kDone) << err_;
  EXPECT_EQ(libra({"admin-user", "show", "C"}), kNotFound);
  EXPECT_EQ(libra({"admin-user", "set", "C", "--level", "ROOT"}), kUsage);
}

TEST_F(OperatorCommands, SayWhatIsMissing) {
  EXPECT_EQ(libra({"pool", "show"}, "token-a"), kAuthentication);
  EXPECT_THAT(err_, HasSubstr("Client not authorized to access this function"));
  EXPECT_EQ(libra({"pool", "show"}, ""), kUsage);
  EXPECT_THAT(err_, HasSubstr("LIBRA_ADMIN_TOKEN"));
}

}  // namespace
}  // namespace libra::cli
