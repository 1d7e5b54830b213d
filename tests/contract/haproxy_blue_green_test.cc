// Another HAProxy process for what the running one cannot be told.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lib/base/files.h"
#include "sidecar/haproxy/master.h"
#include "sidecar/haproxy/process_info.h"
#include "sidecar/heartbeat/proxy_watch.h"
#include "sidecar/usage/usage_ledger.h"
#include "tests/contract/haproxy_world.h"

namespace libra::test {
namespace {

using sidecar::Mechanism;
using testing::HasSubstr;

class BlueGreen : public HaproxyWorld {
 protected:
  // A load balancer there, so that HAProxy has to bind one port more.
  protocol::DeviceState withAnotherPort(std::uint64_t generation, Protocol protocol = Protocol::Http) {
    return aDevice(generation, {aBalancer("15", proxy_.port(), {a()}, protocol), aBalancer("16", another_, {b()})});
  }
  protocol::DeviceState without(std::uint64_t generation, Protocol protocol = Protocol::Http) {
    return aDevice(generation, {aBalancer("15", proxy_.port(), {a()}, protocol)});
  }
  pid_t serving() { return process().pid; }
  sidecar::haproxy::ProcessInfo process() {
    auto socket = sidecar::haproxy::RuntimeSocket::open(proxy_.config().stats_socket, clock_);
    const auto read = socket ? sidecar::haproxy::readProcess(*socket) : socket.error();
    return read ? *read : sidecar::haproxy::ProcessInfo{};
  }
  std::string seenAt(std::uint16_t port) { return httpGet(port).firstLine(); }

  const std::uint16_t another_ = static_cast<std::uint16_t>(freePort());
};

TEST_F(BlueGreen, APortNobodyListensOnIsServedByAnotherProcess) {
  apply(without(1));
  const auto before = serving();
  const auto applied = apply(withAnotherPort(2));
  EXPECT_EQ(applied.mechanism, Mechanism::BlueGreen);
  EXPECT_EQ(applied.changed, std::vector<std::string>{"process"});
  EXPECT_NE(serving(), before);
  EXPECT_EQ(seenAt(proxy_.port()), "a");
  EXPECT_EQ(seenAt(another_), "b");
  EXPECT_EQ(apply(withAnotherPort(2)).mechanism, Mechanism::None);
  const auto successor = serving();
  EXPECT_EQ(apply(without(3)).mechanism, Mechanism::Runtime) << "a port too many does no harm";
  EXPECT_EQ(serving(), successor);
}

TEST_F(BlueGreen, ACrashAfterItIsFollowedByTheSamePorts) {
  apply(withAnotherPort(1));
  ASSERT_TRUE(driver_->writeColdStart(withAnotherPort(1)));
  const auto before = *driver_->live();
  proxy_.kill();
  proxy_.start();
  EXPECT_EQ(*driver_->live(), before);
  EXPECT_EQ(seenAt(another_), "b");
  expectTakenOver(withAnotherPort(1));
  EXPECT_EQ(seenAt(another_), "b");
}

TEST_F(BlueGreen, AfterACrashWhatIsInUseServesAndAnyChangeIsPossibleStill) {
  const auto slots = [&] { return linesOf("show backend"); };
  apply(without(1));
  const auto every = slots();
  ASSERT_TRUE(driver_->writeColdStart(without(1)));
  proxy_.kill();
  proxy_.start();
  EXPECT_EQ(seenAt(proxy_.port()), "a");
  EXPECT_LT(slots(), every / 4);
  EXPECT_EQ(process().base->text().find('+'), std::string("libra:").size() + 16);
  std::vector<protocol::LoadBalancerState> eight{aBalancer("15", proxy_.port(), {b()})};
  for (int i = 1; i < 8; ++i) {
    eight.push_back(aBalancer(std::to_string(15 + i), proxy_.port(), {a()}));
    eight.back().addresses = {NetAddress::fromV4(0x7F000100u + static_cast<unsigned>(i))};
  }
  EXPECT_EQ(apply(aDevice(2, eight)).mechanism, Mechanism::BlueGreen);
  EXPECT_EQ(slots(), every);
  EXPECT_EQ(seenAt(proxy_.port()), "b");
  EXPECT_EQ(httpGet(proxy_.port(), "/", "", "127.0.1.7").firstLine(), "a");
}

TEST_F(BlueGreen, ADeviceThatCarriesNothingStartsWithEverySlot) {
  ASSERT_TRUE(driver_->writeColdStart(aDevice(1, {})));
  proxy_.kill();
  proxy_.start();
  EXPECT_EQ(apply(without(2)).mechanism, Mechanism::Runtime);
}

TEST_F(BlueGreen, WithoutAMasterProcessEverySlotIsInTheColdStart) {
  auto config = proxy_.config();
  config.master_socket.clear();
  driver_ = *sidecar::makeDriver("haproxy", config, clock_);
  apply(without(1));
  ASSERT_TRUE(driver_->writeColdStart(without(1)));
  proxy_.kill();
  proxy_.start();
  EXPECT_EQ(apply(without(1)).mechanism, Mechanism::None);
}

TEST_F(BlueGreen, WhatTheFormerProcessStillCarriesIsCountedToItsEnd) {
  TempDir folder;
  sidecar::UsageLedger ledger(folder / "usage.json", clock_);
  ASSERT_TRUE(ledger.load());
  apply(without(1, Protocol::Tcp));
  auto session = std::make_unique<KeptConnection>(proxy_.port());
  EXPECT_EQ(session->get().status, 200);
  ledger.sample(*driver_->usage());
  const auto former = serving();

  apply(withAnotherPort(2, Protocol::Tcp));
  EXPECT_EQ(session->get().status, 200) << "the session goes on";
  EXPECT_EQ(seenAt(proxy_.port()), "a");
  const auto both = *driver_->usage();
  ASSERT_EQ(both.predecessors.size(), 1u);
  ledger.sample(both);
  EXPECT_EQ(session->get().status, 200) << "after the last look at it";
  session.reset();
  ASSERT_TRUE(waitFor([&] {
    ledger.sample(*driver_->usage());
    return ::kill(former, 0) != 0;
  })) << "the former process ends with its last connection";
  EXPECT_TRUE(driver_->usage()->predecessors.empty());

  const auto period = *ledger.report(std::nullopt);
  ASSERT_EQ(period.load_balancers.size(), 2u);
  const auto& of15 = period.load_balancers.front();
  EXPECT_EQ(of15.used.connections, 2u);
  EXPECT_EQ(of15.nodes.at("501").bytes_out, of15.used.bytes_out);
  const auto one = httpGet(proxy_.port());
  EXPECT_EQ(of15.used.bytes_out, 4 * (one.head.size() + std::string("\r\n\r\n").size() + one.body.size()));
}

TEST_F(BlueGreen, ConnectionsOfTheFormerProcessEndAtTheDeadline) {
  auto config = proxy_.config();
  config.drain = std::chrono::seconds(1);
  driver_ = *sidecar::makeDriver("haproxy", config, clock_);
  EXPECT_EQ(apply(without(1, Protocol::Tcp)).mechanism, Mechanism::BlueGreen) << "other settings, another process";
  KeptConnection session(proxy_.port());
  EXPECT_EQ(session.get().status, 200);
  apply(withAnotherPort(2, Protocol::Tcp));
  EXPECT_TRUE(waitFor([&] { return session.get().status == 0; }));
}

TEST_F(BlueGreen, APortThatIsTakenIsRefusedAndHarmsNobody) {
  apply(without(1));
  const auto before = serving();
  TinyBackend other("other");
  const auto wanted = aDevice(2, {aBalancer("15", proxy_.port(), {a()}), aBalancer("16", other.port(), {b()})});
  const auto refused = driver_->apply(wanted);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "Port " + std::to_string(other.port()) + " is in use on the device");
  ASSERT_TRUE(driver_->writeColdStart(wanted));
  EXPECT_EQ(serving(), before);
  proxy_.kill();
  proxy_.start();
  EXPECT_EQ(seenAt(proxy_.port()), "a");
}

TEST_F(BlueGreen, ANodeThatWasDownIsNotTakenForUp) {
  auto state = aDevice(1, {aBalancer("15", proxy_.port(), {a(), c()})});
  apply(state);
  ask("set server s1_http_rr_connect/n503-30s2 health down");
  ASSERT_EQ(driver_->health()->at("503").health, protocol::NodeHealth::Down);
  state.generation = 2;
  state.load_balancers.push_back(aBalancer("16", another_, {b()}));
  EXPECT_EQ(apply(state).mechanism, Mechanism::BlueGreen);
  EXPECT_EQ(driver_->health()->at("503").health, protocol::NodeHealth::Down);
  EXPECT_EQ(driver_->health()->at("501").health, protocol::NodeHealth::Up);
}

TEST_F(BlueGreen, IsNoDeathOfTheProxy) {
  apply(without(1));
  EventLoop loop;
  int alive = 0, died = 0;
  const sidecar::ProxyWatch watch(loop, clock_, proxy_.config().stats_socket,
                                  {.alive = [&] { ++alive; }, .died = [&] { ++died; }, .lost = [] {}});
  const auto former = serving();
  Timer exchange(loop, [&] { apply(withAnotherPort(2)); });
  Timer look(loop, [&] {
    static_cast<void>(driver_->usage());
    if (serving() != former && ::kill(former, 0) != 0) loop.stop();
  });
  exchange.once(Millis(0));
  look.every(Millis(20));
  loop.run();
  EXPECT_EQ(alive, 1);
  EXPECT_EQ(died, 0);
}

TEST_F(BlueGreen, FilesNobodyCanStartFromLeaveTheFormerProcess) {
  const auto file = proxy_.config().directory + "/haproxy.cfg";
  std::filesystem::remove(file);
  ASSERT_TRUE(replaceFile(file, "nonsense\n"));
  const auto before = serving();
  const auto failed = sidecar::haproxy::Master(proxy_.config().master_socket, clock_).replaceWorker(before);
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().detail, HasSubstr("serves on"));
  EXPECT_EQ(serving(), before);
}

TEST_F(BlueGreen, WithoutAMasterProcessOnlyThePortsOfTheSettingsAreOffered) {
  auto config = proxy_.config();
  config.master_socket.clear();
  driver_ = *sidecar::makeDriver("haproxy", config, clock_);
  const auto refused = driver_->apply(withAnotherPort(1));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("does not listen on port"));
}

}  // namespace
}  // namespace libra::test
