#include <gmock/gmock.h>
#include <signal.h>

#include <atomic>
#include <cstdlib>
#include <thread>

#include "lib/base/locked.h"
#include "tests/contract/store/store_contract.h"
#include "tests/support/galera_cluster.h"
#include "tests/support/mysql_world.h"

namespace libra::test {

using namespace std::chrono_literals;
using service::Store;
using service::Txn;
using store::mysql::Options;

namespace {

const Time kNow{std::chrono::seconds(1'800'000'000)};

// One cluster for all tests of this process; it is whole again before each.
GaleraCluster& cluster() {
  static GaleraCluster nodes;
  return nodes;
}

const std::string& schema() {
  static const std::string name = [] {
    auto made = cluster().makeSchema();
    migrated(cluster().options(made));
    return made;
  }();
  return name;
}

Options freshOptions() {
  cluster().heal();
  const auto options = cluster().options(schema());
  emptySchema(options);
  return options;
}

// Controllers that write on all nodes at once: each transaction is done on the next one.
class SpreadStore final : public Store {
 public:
  explicit SpreadStore(const std::string& schema) {
    for (std::size_t i = 0; i < GaleraCluster::kNodes; ++i) {
      stores_.push_back(openStore(cluster().options(schema, i)));
    }
  }

 protected:
  Status run(const std::function<Status(Txn&)>& body) override {
    return stores_[next_++ % stores_.size()]->transact([&](Txn& txn) -> Status { return body(txn); });
  }

 private:
  std::vector<std::shared_ptr<Store>> stores_;
  std::atomic<std::size_t> next_ = 0;
};

}  // namespace

INSTANTIATE_TEST_SUITE_P(GaleraOneWriter, StoreContract, ::testing::Values([] { return openStore(freshOptions()); }));
INSTANTIATE_TEST_SUITE_P(GaleraSpreadWriters, StoreContract, ::testing::Values([] {
                           freshOptions();
                           return std::make_shared<SpreadStore>(schema());
                         }));

// What happens to the writers' node in the middle of their work.
struct Misfortune {
  const char* name;
  void (*strike)();
};

class WriteStream : public ::testing::TestWithParam<Misfortune> {
 protected:
  // make stream WRITES=2000
  static int writes() {
    const char* given = std::getenv("LIBRA_STREAM_WRITES");
    return given ? std::atoi(given) : 300;
  }

  void SetUp() override {
    const auto made = openStore(options_)->transact([](Txn& txn) -> Result<std::int64_t> {
      model::NewDevice device;
      device.name = "d";
      return txn.devices().insert(device, kNow);
    });
    ASSERT_TRUE(made) << made.error().detail;
    device_ = *made;
  }

  // One more load balancer of this name; counts it on the tenant's row, which all writers share.
  Status write(Store& store, const std::string& name) const {
    return store.transact([&](Txn& txn) -> Status {
      model::NewLoadBalancer wanted;
      wanted.tenant = "a";
      wanted.name = name;
      if (!txn.tenants().reserveLoadBalancer("a", 1'000'000)) return Error{ErrorCode::OverLimit, "limit"};
      txn.loadBalancers().insert(wanted, device_, 1, kNow, kNow);
      return ok();
    });
  }

  void writeAll(Store& store, int from, int step) {
    for (int i = from; i < writes(); i += step) {
      const auto name = "w" + std::to_string(i);
      const auto begun = std::chrono::steady_clock::now();
      const auto done = write(store, name);
      const Millis took = std::chrono::ceil<Millis>(std::chrono::steady_clock::now() - begun);
      for (auto longest = stall_.load();
           took.count() > longest && !stall_.compare_exchange_weak(longest, took.count());) {
      }
      if (done)
        acknowledged_.lock()->push_back(name);
      else
        EXPECT_EQ(done.error().code, ErrorCode::Unavailable) << done.error().detail;
      if (++done_ == writes() / 3) GetParam().strike();
    }
  }

  Options options_ = freshOptions();
  std::int64_t device_ = 0;
  Locked<std::vector<std::string>> acknowledged_;
  std::atomic<int> done_ = 0;
  std::atomic<std::int64_t> stall_ = 0;
};

TEST_P(WriteStream, LosesNothingAndDoublesNothing) {
  constexpr int kThreads = 3;
  const std::shared_ptr<Store> controllers[] = {openStore(options_), openStore(options_)};
  std::vector<std::thread> threads;
  for (const auto& controller : controllers)
    for (int i = 0; i < kThreads; ++i)
      threads.emplace_back([&, from = static_cast<int>(threads.size())] { writeAll(*controller, from, 2 * kThreads); });
  for (auto& thread : threads) thread.join();

  cluster().heal();
  auto db = connectTo(options_);
  const auto written = db.all(
      "SELECT name FROM load_balancers", +[](store::mysql::Row& row) {
        std::string name;
        row.read(name);
        return name;
      });
  EXPECT_THAT(written, ::testing::UnorderedElementsAreArray(*acknowledged_.lock()));
  EXPECT_EQ(numberOf(db, "SELECT load_balancers FROM tenants WHERE name = 'a'"), std::ssize(written));
  std::printf("%s: %d writes, %zu acknowledged, longest %lld ms\n", GetParam().name, writes(), written.size(),
              static_cast<long long>(stall_));
}

INSTANTIATE_TEST_SUITE_P(Galera, WriteStream,
                         ::testing::Values(Misfortune{"NodeKilled", [] { cluster().node(0).process().kill(); }},
                                           Misfortune{"NodeFrozen",
                                                      [] { cluster().node(0).process().signal(SIGSTOP); }},
                                           Misfortune{"NodeCutOff", [] { cluster().isolate(0); }}),
                         [](const auto& test) { return test.param.name; });

}  // namespace libra::test
