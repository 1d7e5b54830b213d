// GET /metrics over real services, read by Prometheus' own tool.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <regex>
#include <set>

#include "lib/base/files.h"
#include "tests/support/admin_world.h"
#include "tests/support/paths.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tls_files.h"

namespace libra::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;

const std::string kAlerts = sourceDir() + "/packaging/common/libra-alerts.yml";

// The output of a shell command that must succeed.
std::string outputOf(const std::string& command) {
  std::string text;
  FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) text += static_cast<char>(c);
  EXPECT_EQ(::pclose(pipe), 0) << command << "\n" << text;
  return text;
}

std::set<std::string> metricsIn(const std::string& text) {
  const std::regex pattern("libra_[a-z_]+[a-z]");
  return {std::sregex_token_iterator(text.begin(), text.end(), pattern), {}};
}

class Metrics : public ::testing::Test {
 protected:
  std::string page() { return world_.metrics().body; }

  test::TempDir folder_;
  test::TestCa ca_{folder_.path()};
  AdminWorld world_{{{"api", ca_.issue("api", {.ip = {"127.0.0.1"}}).certificate}}};
};

TEST_F(Metrics, AreSoundToPrometheus) {
  world_.create();
  world_.get("/v1.1/loadbalancers/1");
  const auto answer = world_.metrics();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.content_type, "text/plain; version=0.0.4; charset=utf-8");
  std::ofstream(folder_ / "page") << answer.body;
  EXPECT_EQ(outputOf("promtool check metrics <" + folder_ / "page"), "");
}

TEST_F(Metrics, TellWhatThereIs) {
  const auto lb = world_.create();
  world_.ask("PUT", "/v2.0/devices/" + std::to_string(world_.deviceOf(lb) + 2), R"({"maintenance": true})");
  const auto text = page();
  for (const char* line :
       {"libra_build_info{version=\"0.1.0\"} 1\n", "libra_pool_spares 2\n", "libra_pool_spares_target 3\n",
        "libra_devices{state=\"OFFLINE\",zone=\"\"} 3\n", "libra_devices{state=\"ONLINE\",zone=\"\"} 1\n",
        "libra_vips{state=\"used\"} 1\n", "libra_vips{state=\"free\"} 3\n", "libra_vips{state=\"quarantined\"} 0\n",
        "libra_load_balancers{state=\"ACTIVE\"} 1\n", "libra_jobs_pending 0\n", "libra_job_oldest_seconds 0\n",
        "libra_lb_pending_oldest_seconds 0\n", "libra_db_up{server=\"db1:3306\"} 1\n",
        "libra_db_up{server=\"db2:3306\"} 0\n", "libra_job_server_up{server=\"10.0.0.1:4731\"} 1\n",
        "libra_api_requests_total{route=\"/v1.1/loadbalancers\",method=\"POST\",code=\"202\"} 1\n",
        "libra_api_request_duration_seconds_count{route=\"/v1.1/loadbalancers\",method=\"POST\"} 1\n",
        "libra_change_phase_seconds_count{phase=\"api\"} 1\n",
        "libra_certificate_expiry_timestamp_seconds{use=\"api\"} "})
    EXPECT_THAT(text, HasSubstr(line));
}

TEST_F(Metrics, TellHowLongChangesWait) {
  world_.devicesHang();
  world_.create();
  world_.clock.advance(90s);
  const auto text = page();
  EXPECT_THAT(text, HasSubstr("libra_jobs_pending 1\n"));
  EXPECT_THAT(text, HasSubstr("libra_job_oldest_seconds 90\n"));
  EXPECT_THAT(text, HasSubstr("libra_lb_pending_oldest_seconds 90\n"));
}

TEST_F(Metrics, LeaveOutWhatTheDatabaseKnowsWhileItIsAway) {
  world_.store.failNext(1);
  const auto text = page();
  EXPECT_THAT(text, HasSubstr("libra_db_up"));
  EXPECT_THAT(text, Not(HasSubstr("libra_pool_spares ")));
}

TEST_F(Metrics, TellOfFailovers) {
  const auto lb = world_.create();
  world_.provider.cannotFence();
  world_.healer.lost("lb-0", service::LossReason::Silence, world_.clock.monotonic() - 160ms);
  const auto refused = world_.deviceOf(lb);
  EXPECT_EQ(world_.device(refused).name, "lb-0") << "the lease of lb-0 is nobody's";
  world_.holdsTheLeases();
  world_.clock.advance(100ms);
  world_.healer.tick();
  world_.heartbeats = {.connected = 4, .authentic = 900, .refused = 1, .worst_delay = 2ms, .blind = true};
  const auto text = page();
  for (const char* line :
       {"libra_failovers_total{reason=\"silence\",result=\"moved\"} 1\n",
        "libra_failover_duration_seconds_sum{phase=\"detection\"} 0.16\n",
        "libra_failover_duration_seconds_count{phase=\"decision\"} 1\n",
        "libra_failover_duration_seconds_count{phase=\"fencing\"} 1\n", "libra_vip_two_holders 1\n",
        "libra_breaker_open 0\n", "libra_heartbeat_devices 4\n", "libra_heartbeats_total{result=\"refused\"} 1\n",
        "libra_heartbeat_lag_seconds 0.002\n", "libra_watcher_blind 1\n"})
    EXPECT_THAT(text, HasSubstr(line));
}

TEST_F(Metrics, NeedATokenFromElsewhere) {
  EXPECT_EQ(world_.metrics("127.0.0.2").status, 200);
  EXPECT_EQ(world_.metrics("::1").status, 200);
  for (const char* token : {"", "wrong", "token-a", "token-stranger"})
    EXPECT_EQ(world_.metrics("10.0.0.9", token).status, 401) << token;
  for (const char* token : {"token-viewer", "token-operator", "token-operator-tenant"})
    EXPECT_EQ(world_.metrics("10.0.0.9", token).status, 200) << token;
}

TEST_F(Metrics, TheAlertRulesAreSound) { outputOf("promtool check rules " + kAlerts); }

TEST_F(Metrics, TheAlertRulesAskForWhatThereIs) {
  world_.create();
  const auto there = metricsIn(page());
  for (const auto& name : metricsIn(*readFile(kAlerts, 1 << 20))) EXPECT_TRUE(there.contains(name)) << name;
}

}  // namespace
}  // namespace libra::test
