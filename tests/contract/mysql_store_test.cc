#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "controller/store/mysql/migrate.h"
#include "controller/store/mysql/mysql_store.h"
#include "controller/store/mysql/probe.h"
#include "tests/contract/store/store_contract.h"
#include "tests/support/mariadb_process.h"
#include "tests/support/mysql_world.h"
#include "tests/support/tcp_proxy.h"
#include "tests/support/tls_files.h"

namespace libra::test {

using namespace std::chrono_literals;
using service::Store;
using service::Txn;
using store::mysql::Connection;
using store::mysql::DbError;
using store::mysql::Options;
using ::testing::HasSubstr;

namespace {

const Time kNow{std::chrono::seconds(1'800'000'000)};

Options freshOptions() {
  static const Options options = newSchema();
  emptySchema(options);
  return options;
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(Mariadb, StoreContract, ::testing::Values([] { return openStore(freshOptions()); }));

TEST(MysqlStore, ServersAreProbedOneByOne) {
  auto options = freshOptions();
  options.servers.push_back("127.0.0.1:1");
  options.servers.push_back("no address");
  const auto states = store::mysql::probe(options);
  ASSERT_EQ(states.size(), 3u);
  EXPECT_EQ(states[0].server, options.servers[0]);
  EXPECT_TRUE(states[0].online);
  EXPECT_FALSE(states[1].online);
  EXPECT_FALSE(states[2].online);
}

TEST(MysqlStore, TellsHowLongEachCommitTook) {
  int commits = 0;
  const auto store = *store::mysql::makeStore(freshOptions(), [&](std::chrono::nanoseconds) { ++commits; });
  EXPECT_TRUE(store->transact([](Txn& txn) -> Result<int> { return txn.vips().countFree(kNow); }));
  EXPECT_EQ(commits, 0) << "nothing was written";
  addSpares(*store, 1);
  EXPECT_EQ(commits, 1);
}

TEST(MysqlStore, RunsTheWholeBodyAgainAfterADeadlock) {
  const Options options = freshOptions();
  const auto store = openStore(options);
  addSpares(*store, 2);
  Connection rival = connectTo(options);
  rival.change("UPDATE devices SET zone = 'r' WHERE name = 'd1'");  // heavier than the other: it wins
  rival.change("INSERT INTO counters (name, value) VALUES ('x', 1), ('y', 1), ('z', 1)");

  std::atomic<int> runs = 0;
  std::thread rival_goes_on;
  const auto done = store->transact([&](Txn& txn) -> Result<std::int64_t> {
    const auto first = txn.devices().findByName("d0")->id;
    txn.devices().raiseGeneration(first);
    if (++runs == 1)
      rival_goes_on = std::thread([&] {
        rival.change("UPDATE devices SET zone = 'r' WHERE name = 'd0'");
        rival.commit();
      });
    txn.devices().raiseGeneration(txn.devices().findByName("d1")->id);
    return first;
  });
  rival_goes_on.join();
  ASSERT_TRUE(done) << done.error().detail;
  EXPECT_EQ(runs, 2);
  Connection db = connectTo(options);
  EXPECT_EQ(numberOf(db, "SELECT COUNT(*) FROM devices WHERE generation = 1 AND zone = 'r'"), 2);
}

TEST(MysqlStore, GivesUpWhenItsPatienceEndsAndTheLockItWaitedForStays) {
  Options options = freshOptions();
  addSpares(*openStore(options), 1);
  Connection holder = connectTo(options);
  holder.change("UPDATE devices SET zone = 'held'");
  options.statement_timeout = 2s;
  options.patience = 100ms;
  const auto store = openStore(options);
  const auto failed = createLoadBalancer(*store);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::Unavailable);
  EXPECT_EQ(failed.error().message, "The service is busy, try again");
  holder.rollback();
  EXPECT_TRUE(createLoadBalancer(*store)) << "nothing of the first stayed behind";
  EXPECT_EQ(numberOf(holder, "SELECT load_balancers FROM tenants"), 1);
}

TEST(MysqlStore, AServerThatRefusesEverybodyIsReportedAsBusyOrInternal) {
  Options options = mariadb().options("no_such_schema");
  EXPECT_EQ(createLoadBalancer(*openStore(options)).error().code, ErrorCode::Internal);
  options.servers = {"127.0.0.1:" + std::to_string(freePort())};
  options.patience = 50ms;
  EXPECT_EQ(createLoadBalancer(*openStore(options)).error().code, ErrorCode::Unavailable);
}

TEST(MysqlStore, UsesTheNextServerWhenTheFirstIsDown) {
  Options options = freshOptions();
  options.servers.insert(options.servers.begin(), "127.0.0.1:" + std::to_string(freePort()));
  const auto store = openStore(options);
  addSpares(*store, 1);
  EXPECT_TRUE(createLoadBalancer(*store));
}

TEST(MysqlStore, SurvivesItsConnectionBeingKilled) {
  const Options options = newSchema();
  const auto store = openStore(options);
  addSpares(*store, 1);
  Connection killer = connectTo(options);
  const auto theirs = numberOf(killer, "SELECT id FROM information_schema.processlist WHERE db = '" + options.schema +
                                           "' AND id <> CONNECTION_ID()");
  killer.run("KILL CONNECTION " + std::to_string(theirs));
  EXPECT_TRUE(createLoadBalancer(*store));
}

TEST(MysqlStore, RefusesSettingsThatMeanNoServer) {
  Options options;
  EXPECT_FALSE(store::mysql::makeStore(options));
  for (const char* bad :
       {"db", "db:", "db:0", "db:70000", ":3306", "unix:relative", "::1:3306", "[db]:3306", "[::1]"}) {
    options.servers = {bad};
    EXPECT_FALSE(store::mysql::makeStore(options)) << bad;
  }
  for (const char* good : {"db:3306", "10.0.0.1:3306", "[::1]:3306", "unix:/run/db.sock"}) {
    options.servers = {good};
    EXPECT_TRUE(store::mysql::makeStore(options)) << good;
  }
}

// A connection cut at any message, before or after it took effect: the create is there
// exactly once and the caller knows its id.
class CutConnection : public ::testing::TestWithParam<TcpProxy::Cut> {};

TEST_P(CutConnection, LeavesEachCreateThereExactlyOnce) {
  TcpProxy proxy(mariadb().port());
  const Options direct = freshOptions();
  Options cut = direct;
  cut.servers = {"127.0.0.1:" + std::to_string(proxy.port())};
  constexpr int kMostMessages = 100;
  addSpares(*openStore(direct), kMostMessages);
  Connection db = connectTo(direct);

  int message = 1;
  for (; message < kMostMessages; ++message) {
    db.run("UPDATE tenants SET load_balancers = 0");
    const auto store = openStore(cut);
    proxy.arm(message, GetParam());
    const auto created = createLoadBalancer(*store);
    ASSERT_TRUE(created) << "cut at message " << message << ": " << created.error().detail;
    EXPECT_EQ(numberOf(db, "SELECT MAX(id) FROM load_balancers"), *created) << message;
    ASSERT_EQ(numberOf(db, "SELECT COUNT(*) FROM load_balancers"), message);
    ASSERT_EQ(numberOf(db, "SELECT COUNT(*) FROM nodes"), 2 * message);
    ASSERT_EQ(numberOf(db, "SELECT COUNT(*) FROM devices WHERE status = 'BUILD'"), message);
    ASSERT_EQ(numberOf(db, "SELECT load_balancers FROM tenants WHERE name = 'a'"), 1) << message;
    if (!proxy.hasCut()) break;
  }
  EXPECT_GT(message, 15) << "it takes more messages than that";
  EXPECT_LT(message, kMostMessages);
}

INSTANTIATE_TEST_SUITE_P(MysqlStore, CutConnection,
                         ::testing::Values(TcpProxy::Cut::Before, TcpProxy::Cut::After, TcpProxy::Cut::AtOnce),
                         [](const auto& suite) {
                           switch (suite.param) {
                             case TcpProxy::Cut::Before:
                               return "Before";
                             case TcpProxy::Cut::After:
                               return "After";
                             default:
                               return "AtOnce";
                           }
                         });

// A Galera cluster of one: what is special about its nodes without the wait for others.
TEST(MysqlStore, WorksOnAPrimaryGaleraNodeAndRefusesOneWithoutQuorum) {
  const auto group = "127.0.0.1:" + std::to_string(freePort());
  MariadbProcess node({"--binlog-format=ROW", "--innodb-autoinc-lock-mode=2", "--wsrep-on=ON",
                       "--wsrep-provider=/usr/lib/galera/libgalera_smm.so", "--wsrep-cluster-name=" + group,
                       "--wsrep-cluster-address=gcomm://", "--wsrep-new-cluster", "--wsrep-node-address=" + group,
                       "--wsrep-provider-options=gmcast.listen_addr=tcp://" + group});
  Options options = node.options(node.makeSchema());
  ASSERT_TRUE(store::mysql::migrate(options));
  options.patience = 50ms;
  const auto store = openStore(options);
  addSpares(*store, 2);
  EXPECT_TRUE(createLoadBalancer(*store));

  // It leaves its own cluster for one that does not answer, and waits there longer than we do.
  EXPECT_THROW(connectTo(options).run("SET GLOBAL wsrep_cluster_address = 'gcomm://127.0.0.1:1'"), DbError);
  const auto refused = createLoadBalancer(*store);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::Unavailable);
  EXPECT_THAT(refused.error().detail, HasSubstr("not Primary"));
}

// TLS

class TlsMariadb : public ::testing::Test {
 protected:
  TempDir dir_;
  TestCa ca_{dir_.path()};
  tls::Files files_ = ca_.issue("db", {.dns = {"localhost"}, .ip = {"127.0.0.1"}});
  MariadbProcess server_{{"--ssl-ca=" + files_.ca, "--ssl-cert=" + files_.certificate, "--ssl-key=" + files_.key}};

  Options optionsWith(const std::string& ca) {
    Options options = server_.options("mysql");
    options.servers = {"127.0.0.1:" + std::to_string(server_.port())};
    options.ca = ca;
    return options;
  }
};

TEST_F(TlsMariadb, IsSpokenToOnlyWhenItsCertificateIsOfOurAuthority) {
  Connection db = connectTo(optionsWith(ca_.caFile()));
  std::string cipher;
  db.each("SHOW SESSION STATUS LIKE 'Ssl_cipher'", [&](store::mysql::Row& row) {
    row.skip(1);
    row.read(cipher);
  });
  EXPECT_NE(cipher, "");

  const TestCa stranger(dir_.path(), "stranger");
  EXPECT_THROW(connectTo(optionsWith(stranger.caFile())), DbError);
  EXPECT_THROW(connectTo(optionsWith(dir_ / "missing.pem")), DbError);
}

TEST_F(TlsMariadb, IsNotSpokenToUnderANameItsCertificateLacks) {
  const auto other = ca_.issue("other", {.dns = {"elsewhere.example"}, .ip = {}});
  MariadbProcess elsewhere({"--ssl-ca=" + other.ca, "--ssl-cert=" + other.certificate, "--ssl-key=" + other.key});
  Options options = elsewhere.options("mysql");
  options.servers = {"127.0.0.1:" + std::to_string(elsewhere.port())};
  options.ca = ca_.caFile();
  EXPECT_THROW(connectTo(options), DbError);
}

TEST(MysqlConnection, DoesNotFallBackToClearTextWhenTlsIsWanted) {
  TempDir dir;
  const TestCa ca(dir.path());
  MariadbProcess plain({"--skip-ssl"});
  Options options = plain.options("mysql");
  options.servers = {"127.0.0.1:" + std::to_string(plain.port())};
  options.ca = ca.caFile();
  EXPECT_THROW(connectTo(options), DbError);
}

// Migration

TEST(Migrate, RunsAgainWithoutEffect) {
  const Options options = newSchema();
  const auto again = store::mysql::migrate(options);
  EXPECT_TRUE(again) << again.error().message;
  Connection db = connectTo(options);
  EXPECT_EQ(numberOf(db, "SELECT COUNT(*) FROM schema_versions"), std::ssize(store::mysql::schemaSteps()));
  EXPECT_EQ(numberOf(db, "SELECT COUNT(*) FROM ports"), 7);
}

TEST(Migrate, FinishesAStepThatEndedInTheMiddle) {
  const Options options = mariadb().options(mariadb().makeSchema());
  Connection db = connectTo(options);
  const auto statements = store::mysql::splitStatements(store::mysql::schemaSteps()[0].sql);
  for (std::size_t i = 0; i < statements.size() / 2; ++i) db.run(statements[i]);
  const auto done = store::mysql::migrate(options);
  EXPECT_TRUE(done) << done.error().message;
  EXPECT_EQ(numberOf(db, "SELECT COUNT(*) FROM ports"), 7);
}

TEST(Migrate, ManyAtOnceDoItOnce) {
  const Options options = mariadb().options(mariadb().makeSchema());
  std::vector<std::thread> threads;
  std::atomic<int> done = 0;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&] { done += bool(store::mysql::migrate(options)); });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(done, 4);
}

TEST(Migrate, RefusesADatabaseNewerThanTheBinary) {
  const Options options = newSchema();
  connectTo(options).run("INSERT INTO schema_versions (version, name, applied) VALUES (9999, 'x', NOW())");
  const auto refused = store::mysql::migrate(options);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("9999"));
}

TEST(Migrate, StepsAreNumberedFromOneWithoutGaps) {
  int expected = 0;
  for (const auto& step : store::mysql::schemaSteps()) EXPECT_EQ(step.version, ++expected);
  EXPECT_GT(expected, 0);
}

}  // namespace libra::test
