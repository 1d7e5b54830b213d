// A watcher with real sockets and certificates; what it tells is told to a healer in a played world.

#include "controller/watch/watch.h"

#include <gtest/gtest.h>

#include "lib/heartbeat/sender.h"
#include "tests/support/child_process.h"
#include "tests/support/fake_provider.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tls_files.h"
#include "tests/unit/controller/service_world.h"

namespace libra::watch {
namespace {

using namespace libra::test;
using Role = tls::ReloadingContext::Role;
using service::LossReason;

const NetAddress kHere = *NetAddress::parse("127.0.0.1");

class WatchTest : public ::testing::Test {
 protected:
  // Beats are so far apart that no silence is a verdict here.
  WatchTest() {
    for (int i = 1; i <= 3; ++i) world.addVip("10.77.9." + std::to_string(i));
    options.listen = {kHere, 0};
    options.timing.interval = Millis(60'000);
    options.management_port = static_cast<std::uint16_t>(freePort());  // so its proxy refuses
    const auto files = ca.issue("controller", {.ip = {"127.0.0.1"}, .uri = {"libra:controller"}});
    watch = *Watch::open(options, clock, *tls::ReloadingContext::open(files, Role::MutualServer));
    watch->start(healer, [](auto task) { task(); });
  }

  std::int64_t serving(const std::string& device) {
    world.addSpare(device);
    world.store.edit([](MemoryRows& rows) {
      for (auto& [id, row] : rows.devices) row.address = "127.0.0.1";
    });
    const auto lb = *world.lbs().create(aRequest());
    world.settle();
    return lb.id;
  }
  bool comes(const std::function<bool()>& holds) {
    const Instant until = clock.monotonic() + std::chrono::seconds(20);
    Timer look(loop, [&] {
      if (holds() || clock.monotonic() > until) loop.stop();
    });
    look.every(Millis(1));
    loop.run();
    return holds();
  }
  std::unique_ptr<heartbeat::Sender> sidecarOf(const std::string& device) {
    const auto context =
        *tls::ReloadingContext::open(ca.issue(device, {.uri = {"libra:device:" + device}}), Role::Client);
    const heartbeat::Endpoint controller{kHere, static_cast<std::uint16_t>(watch->port())};
    return std::make_unique<heartbeat::Sender>(
        loop, clock, controller, context, 1,
        heartbeat::Sender::Events{[this](const heartbeat::HeldVip& vip) { dropped.push_back(vip); }, [] {}});
  }

  // The healer's work, which the watcher's thread hands over.
  void heal() {
    for (;;) {
      std::function<void()> task;
      if (auto waiting = tasks.lock(); !waiting->empty()) {
        task = std::move(waiting->front());
        waiting->pop_front();
      }
      if (!task) break;
      task();
    }
    world.settle();
  }

  World world;
  FakeProvider provider;
  TempDir folder;
  TestCa ca{folder.path()};
  SystemClock clock;
  EventLoop loop;
  Locked<std::deque<std::function<void()>>> tasks;
  service::Healer healer{world.context(),
                         provider,
                         [this](auto task) { tasks.lock()->push_back(std::move(task)); },
                         {[this](const std::string& name) { return watch->isLost(name); },
                          [this](const std::string& name) { return watch->hears(name); }},
                         {}};
  Watch::Options options;
  std::unique_ptr<Watch> watch;
  std::vector<heartbeat::HeldVip> dropped;
};

// It lives and dies between two readings of the list of devices.
TEST_F(WatchTest, ADeviceThatIsInNoListYetIsAskedAtOnceWhenItsSidecarEnds) {
  const auto lb = serving("young");
  world.addSpare("two");
  auto sidecar = sidecarOf("young");
  ASSERT_TRUE(comes([&] { return sidecar->connected(); }));
  ASSERT_TRUE(comes([&] { return watch->state().connected == 1; }));
  sidecar.reset();
  const auto moved = [&] {
    heal();
    return world.device(world.lb(lb).device).name == "two";
  };
  EXPECT_TRUE(comes(moved));
  EXPECT_EQ(healer.sums().failovers.at({LossReason::Refused, "moved"}), 1);
}

TEST_F(WatchTest, WhatTheStoreDidNotSayOfItsVipsIsAskedAgain) {
  const auto holder = world.lb(serving("holder")).device;
  const auto rows = world.store.rows();
  const auto held = std::ranges::find(rows.vips, holder, [](const auto& row) { return row.second.device; });
  ASSERT_NE(held, rows.vips.end());
  const auto address = held->second.address;
  world.addSpare("stranger");
  const auto devices = *healer.toWatch();
  auto sidecar = sidecarOf("stranger");
  ASSERT_TRUE(comes([&] { return sidecar->connected(); }));
  world.store.failNext(1);
  sidecar->tell({1, true, true, {{address, 1}}});
  const auto isToDrop = [&] {
    watch->follow(devices);
    return !dropped.empty();
  };
  ASSERT_TRUE(comes(isToDrop));
  EXPECT_EQ(dropped.at(0).address, address);
}

}  // namespace
}  // namespace libra::watch
