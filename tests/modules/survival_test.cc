#include <filesystem>
#include <fstream>

#include "tests/modules/lb_world.h"

// What workers, masters and machines may suffer without an LB being lost.

namespace libra::test {
namespace {

class Survival : public LbWorld {
 protected:
  std::string boot() const { return json::parse(status()).operator*()["boot"].text(); }
};

TEST_F(Survival, AKilledWorkerLeaksNoConnections) {
  ASSERT_EQ(web(peer("a") + "," + peer("b"), R"("algorithm":"LEAST_CONNECTIONS")").status, 200);
  Traffic traffic(port(), 4);
  for (int i = 0; i < 4; ++i) {
    traffic.flow();
    const auto before = nginx_.workers();
    ASSERT_FALSE(before.empty());
    ::kill(before[0], SIGKILL);
    ASSERT_TRUE(waitFor([&] { return nginx_.workers().size() == 2 && nginx_.workers() != before; }));
    ASSERT_EQ(web(peer("a") + "," + peer("b"), R"("algorithm":"LEAST_CONNECTIONS")").status, 200);
  }
  traffic.flow();
  traffic.stop();
  EXPECT_LT(traffic.failed(), 4 * 4 + 1) << "more than the connections of the killed";
  EXPECT_TRUE(waitFor([&] { return isQuiet(); })) << status();
  EXPECT_EQ(shares(4), (std::map<std::string, int>{{"a", 2}, {"b", 2}}));
}

TEST_F(Survival, ANewWorkerListensBeforeItIsAskedTo) {
  ASSERT_EQ(web(peer("a")).status, 200);
  const auto before = nginx_.workers();
  for (const auto pid : before) ::kill(pid, SIGKILL);  // nobody holds a listener but the store
  EXPECT_EQ(shares(3), (std::map<std::string, int>{{"a", 3}}));
}

TEST_F(Survival, AReloadInTrafficFailsNoNewConnection) {
  ASSERT_EQ(web(peer("a")).status, 200);
  const auto zone = boot();
  Traffic traffic(port());
  for (int i = 0; i < 3; ++i) {
    traffic.flow();
    nginx_.reload();
    ASSERT_EQ(web(peer("a", R"("weight":)" + std::to_string(i + 1))).status, 200);
  }
  traffic.flow();
  traffic.stop();
  EXPECT_EQ(traffic.failed(), 0);
  EXPECT_EQ(boot(), zone);
  EXPECT_TRUE(waitFor([&] { return isQuiet(); })) << status();
}

TEST_F(Survival, ANewBinaryInTrafficFailsNoNewConnection) {
  ASSERT_EQ(web(peer("a")).status, 200);
  const auto zone = boot();
  Traffic traffic(port());
  traffic.flow();
  const auto old = nginx_.upgrade();
  ASSERT_EQ(web(peer("b")).status, 200);  // old and new workers together
  traffic.flow();
  ::kill(old, SIGQUIT);
  ASSERT_TRUE(waitFor([&] { return !NginxProcess::runs(old); }));
  ASSERT_EQ(web(peer("c")).status, 200);
  traffic.flow();
  traffic.stop();
  EXPECT_EQ(traffic.failed(), 0);
  EXPECT_EQ(boot(), zone);
  EXPECT_EQ(lbStatus("web")["connections"].integer(), traffic.answered());  // counters went on
  EXPECT_EQ(shares(2), (std::map<std::string, int>{{"c", 2}}));
}

// What may befall nginx while clients connect and revisions come, without a pause.
struct Blow {
  const char* name;
  int clients_hurt;  // at most, each time
  std::function<void(NginxProcess&)> fall;
};

void killAWorker(NginxProcess& nginx) {
  const auto before = nginx.workers();
  ::kill(before.front(), SIGKILL);
  EXPECT_TRUE(waitFor([&] { return nginx.workers().size() == before.size() && nginx.workers() != before; }));
}

void upgrade(NginxProcess& nginx) {
  const auto old = nginx.upgrade();
  ::kill(old, SIGQUIT);
  EXPECT_TRUE(waitFor([&] { return !NginxProcess::runs(old); }));
}

void upgradeAndThinkBetterOfIt(NginxProcess& nginx) {
  const auto old = nginx.upgrade();
  nginx.signal(SIGQUIT);
  EXPECT_TRUE(waitFor([&] { return nginx.master() == old; }));
}

class InTheMiddle : public Survival, public ::testing::WithParamInterface<Blow> {};

TEST_P(InTheMiddle, OfTrafficAndChangesNothingIsLost) {
  constexpr int kTimes = 3, kClients = 2;
  const auto balancer = [&](int revision) {
    const auto weight = R"("weight":)" + std::to_string(1 + revision % 9);
    return lb("web", port(), peer("a", weight) + "," + peer("b"), R"("algorithm":"LEAST_CONNECTIONS")");
  };
  ASSERT_EQ(put(state(balancer(1))).status, 200);
  const auto zone = boot();
  Traffic traffic(port(), kClients);
  Changes changes(revision_ + 1, [&](int revision) { return put(stateOf(revision, balancer(revision))); });
  for (int i = 0; i < kTimes; ++i) {
    traffic.flow();
    EXPECT_TRUE(changes.flow(3));
    GetParam().fall(nginx_);
    EXPECT_TRUE(changes.flow(3));
  }
  traffic.flow();
  revision_ = changes.stop();
  traffic.stop();
  EXPECT_LE(traffic.failed(), kTimes * GetParam().clients_hurt);
  EXPECT_EQ(json::parse(nginx_.ask("control.sock", "GET", "/state").body).operator*()["revision"].integer(), revision_);
  EXPECT_EQ(boot(), zone);
  EXPECT_TRUE(waitFor([&] { return isQuiet(); })) << "connections are counted that have ended: " << status();
  ASSERT_EQ(web(peer("c")).status, 200);
  EXPECT_EQ(shares(2), (std::map<std::string, int>{{"c", 2}}));
}

INSTANTIATE_TEST_SUITE_P(Survival, InTheMiddle,
                         ::testing::Values(Blow{"AKilledWorker", 2, killAWorker},
                                           Blow{"AReload", 0, [](NginxProcess& nginx) { nginx.reload(); }},
                                           Blow{"ANewBinary", 0, upgrade},
                                           Blow{"ANewBinaryTakenBack", 0, upgradeAndThinkBetterOfIt}),
                         [](const auto& blow) { return std::string(blow.param.name); });

TEST_F(Survival, AStartFromNothingServesTheLastStateAtOnce) {
  ASSERT_EQ(web(peer("b")).status, 200);
  const auto before = nginx_.ask("control.sock", "GET", "/state").body;
  const auto zone = boot();
  nginx_.stop();
  EXPECT_FALSE(acceptsTcp(port()));
  nginx_.start();
  EXPECT_EQ(shares(2), (std::map<std::string, int>{{"b", 2}}));
  EXPECT_EQ(nginx_.ask("control.sock", "GET", "/state").body, before);
  EXPECT_NE(boot(), zone);
}

TEST_F(Survival, ADamagedStateFileIsToldAndStartsEmpty) {
  ASSERT_EQ(web(peer("a")).status, 200);
  nginx_.stop();
  std::filesystem::resize_file(nginx_.directory() + "/state.json", 40);
  nginx_.start();
  EXPECT_NE(nginx_.log().find("was not restored: no JSON"), std::string::npos);
  revision_ = 0;
  EXPECT_EQ(web(peer("a")).status, 200);
  EXPECT_EQ(shares(1), (std::map<std::string, int>{{"a", 1}}));
}

TEST_F(Survival, AStateThatCannotBeWrittenIsRefused) {
  ASSERT_EQ(web(peer("a")).status, 200);
  std::filesystem::create_directory(nginx_.directory() + "/state.json.tmp");
  EXPECT_EQ(web(peer("b")).status, 507);
  EXPECT_EQ(shares(2), (std::map<std::string, int>{{"a", 2}}));
  std::filesystem::remove(nginx_.directory() + "/state.json.tmp");
  EXPECT_EQ(web(peer("b")).status, 200);
}

}  // namespace
}  // namespace libra::test
