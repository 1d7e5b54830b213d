// The ancestor's pool messages through a real gearmand behind verified TLS.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "controller/jobs/pool_mgm_worker.h"
#include "lib/gear/tls_pipe.h"
#include "lib/json/value.h"
#include "lib/seal/asker.h"
#include "lib/tls/roles.h"
#include "tests/support/admin_world.h"
#include "tests/support/fake_provider.h"
#include "tests/support/tls_files.h"
#include "tests/support/tls_gearmand.h"

namespace libra::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* kBuild = R"({"action": "BUILD_DEVICE"})";

class PoolMgmOverGearman : public testing::Test {
 protected:
  Result<std::string> call(const tls::Files& who, const std::string& payload) {
    const auto pipe = gear::TlsPipe::open(connectionTo({jobs_.server()}, who));
    if (!pipe) return pipe.error();
    return gear::Client(**pipe, "test").call(PoolMgmWorker::kFunction, payload, 10s);
  }

  Result<std::string> callSealed(const tls::Files& who) {
    const SystemClock clock;
    seal::Asker asker(*seal::Hand::open(who), clock);
    for (;;) {
      const auto sent = *asker.write(tls::kControllerUri, kBuild);
      const auto answer = call(who, sent);
      if (!answer) return answer;
      auto text = asker.read(tls::kControllerUri, sent, *answer);
      if (!text) return text.error();
      if (*text) return *std::move(*text);
    }
  }

  void expectBuilt(const Result<std::string>& answer) {
    ASSERT_TRUE(answer) << answer.error().detail;
    const auto parsed = json::parse(*answer);
    ASSERT_TRUE(parsed);
    EXPECT_EQ((*parsed)["response"].text(), "PASS");
    EXPECT_TRUE(provider_.machines().contains((*parsed)["name"].text()));
  }

  TempDir folder_;
  TestCa ca_{folder_.path()};
  tls::Files controller_ = ca_.issue("all", {.ip = {"127.0.0.1"}, .uri = {tls::kControllerUri}});
  tls::Files device_ = ca_.issue("dev", {.uri = {tls::deviceUri("dev")}});
  TlsGearmand jobs_{controller_};
  gear::Connection connection_ = connectionTo({jobs_.server()}, controller_);

  MemoryStore store_;
  FakeClock clock_;
  FakeGateway gateway_;
  FakeProvider provider_;
  service::Counters counters_{store_};
  service::LeaseKeeper leases_{store_, clock_, "test"};
  service::Context context_{store_, clock_, counters_, leases_, [](std::int64_t) {}, {}, {}};
  service::Failover failover_{context_};
  service::DevicesAdmin devices_{context_, gateway_, failover_};
  service::PoolManager pool_{context_, provider_, gateway_, devices_, {}};
};

TEST_F(PoolMgmOverGearman, AnswersUnderItsAncestorsName) {
  PoolMgmWorker worker(connection_, pool_, false);
  ASSERT_TRUE(worker.start());
  expectBuilt(call(device_, kBuild));
}

TEST_F(PoolMgmOverGearman, SealedOnlyAControllerMayAsk) {
  PoolMgmWorker worker(connection_, pool_, true);
  ASSERT_TRUE(worker.start());
  EXPECT_TRUE(call(device_, kBuild));
  EXPECT_FALSE(callSealed(device_));
  EXPECT_TRUE(provider_.machines().empty());
  expectBuilt(callSealed(controller_));
}

TEST_F(PoolMgmOverGearman, WhoTakesItsNameLearnsNothingAndCannotAnswer) {
  std::atomic<int> taken = 0;
  gear::Worker thief(connectionTo({jobs_.server()}, device_), PoolMgmWorker::kFunction, "thief",
                     [&](const std::string& payload) {
                       EXPECT_THAT(payload, testing::Not(testing::HasSubstr("BUILD_DEVICE")));
                       ++taken;
                       return R"({"action": "BUILD_DEVICE", "response": "PASS", "name": "thief"})";
                     });
  ASSERT_TRUE(thief.start());
  EXPECT_FALSE(callSealed(controller_));
  EXPECT_EQ(taken, 1);
}

}  // namespace
}  // namespace libra::test
