// Controllers of version N and the schema's step N+1. A step only adds (docs/operations.md): the
// widest that may come is a column at the front of every table, which finds every statement
// that counts columns or names them not.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "controller/store/mysql/migrate.h"
#include "tests/contract/store/store_contract.h"
#include "tests/support/mariadb_process.h"
#include "tests/support/mysql_world.h"

namespace libra::test {

using store::mysql::Connection;
using store::mysql::Options;
using store::mysql::SchemaStep;

namespace {

void takeNextStep(const Options& options) {
  Options patient = options;  // as migrate() is
  patient.statement_timeout = std::chrono::hours(1);
  Connection db = connectTo(patient);
  const auto tables = db.all(
      "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()", +[](store::mysql::Row& row) {
        std::string name;
        row.read(name);
        return name;
      });
  std::string sql = "CREATE TABLE of_the_next (id INT NOT NULL PRIMARY KEY);\n";
  for (const auto& table : tables)
    sql += fmt::format("ALTER TABLE {} ADD COLUMN of_the_next VARCHAR(32) NOT NULL DEFAULT 'new' FIRST;\n", table);
  std::vector<SchemaStep> steps(store::mysql::schemaSteps().begin(), store::mysql::schemaSteps().end());
  steps.push_back({steps.back().version + 1, "next", sql});
  const auto done = store::mysql::migrate(db, steps);
  ASSERT_TRUE(done) << done.error().message;
  ASSERT_EQ(numberOf(db, "SELECT MAX(version) FROM schema_versions"), steps.back().version);
}

Options widened() {
  static const Options options = [] {
    auto made = newSchema();
    takeNextStep(made);
    return made;
  }();
  emptySchema(options);
  return options;
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(MariadbOfTheNextVersion, StoreContract,
                         ::testing::Values([] { return openStore(widened()); }));

TEST(SchemaUpgrade, WritesGoOnWhileTheNextStepIsTaken) {
  constexpr int kThreads = 4, kBefore = 10, kWrites = 40;
  const Options options = newSchema();
  const auto older = openStore(options);
  addSpares(*older, kThreads * kWrites);
  std::atomic<int> done = 0;
  std::vector<std::thread> writers;
  for (int i = 0; i < kThreads; ++i)
    writers.emplace_back([&, i] {
      for (int k = 0; k < kWrites; ++k, ++done) {
        const auto made = createLoadBalancer(*older, fmt::format("w{}-{}", i, k), kThreads * kWrites);
        EXPECT_TRUE(made) << made.error().message << " " << made.error().detail;
      }
    });
  while (done < kBefore) std::this_thread::yield();
  takeNextStep(options);
  for (auto& writer : writers) writer.join();

  Connection db = connectTo(options);
  EXPECT_EQ(numberOf(db, "SELECT COUNT(DISTINCT name) FROM load_balancers"), kThreads * kWrites);
  EXPECT_EQ(numberOf(db, "SELECT COUNT(*) FROM load_balancers WHERE of_the_next = 'new'"), kThreads * kWrites);
  EXPECT_EQ(numberOf(db, "SELECT COUNT(DISTINCT device) FROM load_balancers"), kThreads * kWrites);
  EXPECT_EQ(numberOf(db, "SELECT load_balancers FROM tenants WHERE name = 'a'"), kThreads * kWrites);
}

}  // namespace libra::test
