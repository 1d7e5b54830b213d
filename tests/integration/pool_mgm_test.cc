// The ancestor's pool messages through a real gearmand behind verified TLS.

#include <gtest/gtest.h>

#include "controller/jobs/pool_mgm_worker.h"
#include "lib/gear/tls_pipe.h"
#include "lib/json/value.h"
#include "tests/support/admin_world.h"
#include "tests/support/fake_provider.h"
#include "tests/support/tls_files.h"
#include "tests/support/tls_gearmand.h"

namespace libra::testing {
namespace {

using namespace std::chrono_literals;

TEST(PoolMgmOverGearman, AnswersUnderItsAncestorsName) {
  const test::TempDir folder;
  const test::TestCa ca(folder.path());
  const auto files = ca.issue("all", {.ip = {"127.0.0.1"}});
  const test::TlsGearmand jobs(files);
  const auto connection = test::connectionTo({jobs.server()}, files);

  MemoryStore store;
  FakeClock clock;
  FakeGateway gateway;
  FakeProvider provider;
  service::Counters counters(store);
  const service::Context context{store, clock, counters, [](std::int64_t) {}, {}};
  service::Failover failover(context);
  service::DevicesAdmin devices(context, gateway, failover);
  service::PoolManager pool(context, provider, gateway, devices, {});
  PoolMgmWorker worker(connection, pool);
  ASSERT_TRUE(worker.start());

  const auto pipe = gear::TlsPipe::open(connection);
  ASSERT_TRUE(pipe);
  gear::Client client(**pipe, "test");
  const auto answer = client.call(PoolMgmWorker::kFunction, R"({"action": "BUILD_DEVICE"})", 10s);
  ASSERT_TRUE(answer) << answer.error().detail;
  const auto parsed = json::parse(*answer);
  ASSERT_TRUE(parsed);
  EXPECT_EQ((*parsed)["response"].text(), "PASS");
  EXPECT_TRUE(provider.machines().contains((*parsed)["name"].text()));
}

}  // namespace
}  // namespace libra::testing
