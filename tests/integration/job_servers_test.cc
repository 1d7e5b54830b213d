// Changes to devices over two job servers that die, hang and come back empty.

#include <gtest/gtest.h>

#include <atomic>

#include "controller/jobs/gearman_gateway.h"
#include "controller/service/device_sync.h"
#include "lib/event/worker_pool.h"
#include "lib/gear/worker.h"
#include "lib/protocol/device_answer.h"
#include "lib/seal/answerer.h"
#include "lib/tls/roles.h"
#include "tests/support/builders.h"
#include "tests/support/memory_store.h"
#include "tests/support/tls_files.h"
#include "tests/support/tls_gearmand.h"

namespace libra::test {
namespace {

using namespace std::chrono_literals;

// Runs the newest generation it was told, and remembers whether it ever went back.
class PlayedDevice {
 public:
  std::string answer(const std::string& payload) {
    auto job = protocol::readJob(payload);
    const auto told = static_cast<std::uint64_t>(job.request["generation"].integer());
    const auto before = runs_.load();
    runs_ = std::max(before, told);
    return json::dump(protocol::updated(
        std::move(job.request), {.generation = runs_, .already_newer = told < before, .mechanism = {}, .node_ok = {}}));
  }
  std::uint64_t runs() const { return runs_; }

 private:
  std::atomic<std::uint64_t> runs_ = 0;
};

class JobServers : public testing::Test {
 protected:
  void SetUp() override {
    leases_.campaign();
    for (int i = 0; i < kDevices; ++i) addDevice("lb-" + std::to_string(i));
    auto gateway = GearmanGateway::open(connectionTo(servers(), controller_), {.update_timeout = 3s}, clock_);
    ASSERT_TRUE(gateway);
    gateway_ = *std::move(gateway);
    sync_ = std::make_unique<service::DeviceSync>(
        service::Context{store_, clock_, counters_, leases_, [](std::int64_t) {}, {}, {}}, *gateway_,
        [this](std::function<void()> task) { pool_.must(std::move(task)); }, service::DeviceSync::Options{});
    ASSERT_TRUE(waitFor([&] { return settles(); }, 20s));
  }
  // Nothing is sent any more, then nothing answered.
  void TearDown() override {
    pool_.stop();
    gateway_.reset();
  }

  std::vector<std::string> servers() const { return {a_.server(), b_.server()}; }

  void addDevice(const std::string& name) {
    const auto files = ca_.issue(name, {.uri = {tls::deviceUri(name)}});
    auto& device = devices_.emplace_back(std::make_unique<PlayedDevice>());
    auto handler = seal::answering(files, clock_, {tls::deviceUri(name), tls::kControllerUri, false},
                                   [&device = *device](const std::string& job) { return device.answer(job); });
    auto& worker = workers_.emplace_back(
        std::make_unique<gear::Worker>(connectionTo(servers(), files), name, name, *std::move(handler)));
    ASSERT_TRUE(worker->start());
    const auto id =
        store_.transact([&](service::Txn& txn) { return Result(txn.devices().insert(aDevice(name), clock_.now())); });
    ids_.push_back(*id);
  }

  // A tenant's change to each device.
  void change() {
    for (const auto id : ids_) {
      ASSERT_TRUE(store_.transact([&](service::Txn& txn) -> Status {
        txn.devices().raiseGeneration(id);
        return ok();
      }));
      sync_->wake(id);
    }
  }

  // One more change reaches every device within the time of one call and its repetition.
  bool settles() {
    change();
    return waitFor([&] { return isSettled(); }, 10s);
  }

  bool isSettled() {
    sync_->sweep();
    const auto rows = store_.transact([&](service::Txn& txn) -> Result<std::vector<model::Device>> {
      std::vector<model::Device> all;
      for (const auto id : ids_) all.push_back(*txn.devices().find(id));
      return all;
    });
    for (std::size_t i = 0; i < ids_.size(); ++i) {
      const auto& row = (*rows)[i];
      if (row.applied_generation != row.generation || devices_[i]->runs() != row.generation) return false;
    }
    return true;
  }

  static constexpr int kDevices = 4;
  TempDir folder_;
  TestCa ca_{folder_.path()};
  tls::Files controller_ = ca_.issue("all", {.ip = {"127.0.0.1"}, .uri = {tls::kControllerUri}});
  TlsGearmand a_{controller_}, b_{controller_};
  SystemClock clock_;
  MemoryStore store_;
  service::Counters counters_{store_};
  service::LeaseKeeper leases_{store_, clock_, "test"};
  std::vector<std::unique_ptr<PlayedDevice>> devices_;
  std::vector<std::unique_ptr<gear::Worker>> workers_;
  std::vector<std::int64_t> ids_;
  WorkerPool pool_{"work", 2, 64};
  std::unique_ptr<GearmanGateway> gateway_;
  std::unique_ptr<service::DeviceSync> sync_;
};

TEST_F(JobServers, EitherMayDie) {
  change();
  a_.kill();
  EXPECT_TRUE(settles());
  a_.start();
  ASSERT_TRUE(waitFor([&] { return gateway_->servers().front().answers; }, 20s));
  change();
  b_.kill();
  EXPECT_TRUE(settles());
}

TEST_F(JobServers, BothMayDieAndComeBackEmpty) {
  change();
  a_.kill();
  b_.kill();
  change();
  ASSERT_TRUE(waitFor([&] { return !gateway_->usable(); }, 20s));
  a_.start();
  b_.start();
  EXPECT_TRUE(waitFor([&] { return isSettled(); }, 30s));
}

TEST_F(JobServers, OneThatHangsIsLeft) {
  a_.gearmand().signal(SIGSTOP);
  EXPECT_TRUE(settles());
  EXPECT_TRUE(waitFor([&] { return !gateway_->servers().front().answers; }));
  a_.gearmand().signal(SIGCONT);
  b_.gearmand().signal(SIGSTOP);
  ASSERT_TRUE(waitFor([&] { return gateway_->servers().front().answers; }, 20s));
  EXPECT_TRUE(settles());
  b_.gearmand().signal(SIGCONT);
}

TEST_F(JobServers, ManyChangesWhileTheyDieInTurnEndAsTheLast) {
  for (int round = 0; round < 3; ++round) {
    for (auto* server : {&a_, &b_}) {
      change();
      server->kill();
      change();
      server->start();
    }
  }
  EXPECT_TRUE(waitFor([&] { return isSettled(); }, 30s));
}

}  // namespace
}  // namespace libra::test
