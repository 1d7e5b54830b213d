#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "tests/support/libra_zone.h"

extern "C" {
#include "modules/nginx/core/libra_throttle.h"
}

namespace libra::test {
namespace {

// A worker process of the zone that does `work`, says so, and waits to be killed.
class Worker {
 public:
  Worker(LibraZone& zone, const std::function<void(libra_zone_t*)>& work) {
    int ready[2];
    if (::pipe(ready) != 0) throw std::runtime_error("pipe failed");
    pid_ = ::fork();
    if (pid_ == 0) {
      libra_zone_t own = *zone.get();
      own.lane = -1;
      own.current = nullptr;
      if (libra_zone_enter(&own) != 0) ::_exit(1);
      work(&own);
      if (::write(ready[1], "!", 1) != 1) ::_exit(1);
      for (;;) ::pause();
    }
    ::close(ready[1]);
    char said = 0;
    started_ = ::read(ready[0], &said, 1) == 1;
    ::close(ready[0]);
  }
  ~Worker() { kill(); }
  Worker(const Worker&) = delete;

  bool started() const { return started_; }
  pid_t pid() const { return pid_; }
  void kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }

 private:
  pid_t pid_ = 0;
  bool started_ = false;
};

const std::string kPeer = R"("peers":[{"id":"a","address":"10.0.0.1:80"}])";

TEST(Zone, ASnapshotThatIsHeldDoesNotChange) {
  LibraZone zone;
  ASSERT_EQ(zone.applyWeb(kPeer), "");
  const auto* held = libra_hold(zone.current());
  for (int i = 0; i < 5; ++i) ASSERT_EQ(zone.applyWeb(R"("peers":[])"), "");
  EXPECT_EQ(held->npeers, 1U);
  EXPECT_STREQ(libra_peers(held)[0].address.name, "10.0.0.1:80");
  EXPECT_EQ(zone.current()->npeers, 0U);
  libra_release(held);
}

TEST(Zone, WhatAKilledWorkerCountedAsActiveIsGoneWithTheNextWorker) {
  LibraZone zone;
  ASSERT_EQ(zone.applyWeb(kPeer), "");
  const auto slot = zone.peer("web", "a")->slot;
  const auto begin = [slot](libra_zone_t* own) {
    libra_gauge(libra_cell(own, slot), 3);
    libra_count(&libra_cell(own, slot)->total, 3);
  };
  Worker first(zone, begin);
  ASSERT_TRUE(first.started());
  EXPECT_EQ(libra_active(zone.get(), slot), 3);

  first.kill();
  Worker second(zone, [](libra_zone_t*) {});
  ASSERT_TRUE(second.started());
  EXPECT_EQ(libra_active(zone.get(), slot), 0);
  libra_cell_t sum;
  libra_sum(zone.get(), slot, &sum);
  EXPECT_EQ(sum.total, 3U);
}

TEST(Zone, TheLockOfAKilledWriterIsFree) {
  LibraZone zone;
  int locked = 0;
  Worker writer(zone, [&](libra_zone_t* own) { locked = libra_zone_lock(own); });
  ASSERT_TRUE(writer.started());
  EXPECT_EQ(libra_zone_lock(zone.get()), -1);
  writer.kill();
  EXPECT_EQ(libra_zone_lock(zone.get()), 0);
}

TEST(Zone, OnlyLiveWorkersThatStayMustConfirm) {
  LibraZone zone;
  ASSERT_EQ(zone.applyWeb(kPeer), "");
  libra_worker_applied(zone.get(), 1);
  int pid = 0;
  EXPECT_EQ(libra_workers_behind(zone.get(), 1, &pid), 0);
  Worker late(zone, [](libra_zone_t*) {});
  EXPECT_EQ(libra_workers_behind(zone.get(), 1, &pid), 1);
  EXPECT_EQ(pid, late.pid());
  Worker leaving(zone, [](libra_zone_t* own) { libra_worker_leaves(own); });
  EXPECT_EQ(libra_workers_behind(zone.get(), 1, &pid), 1);
  late.kill();
  EXPECT_EQ(libra_workers_behind(zone.get(), 1, &pid), 0);
}

// Each revision has as many peers as its number says, all of one port.
TEST(Zone, ReadersNeverSeeAHalfWrittenSnapshot) {
  LibraZone zone;
  const auto publish = [&](int n) {
    std::string peers;
    for (int i = 0; i < n; ++i)
      peers += std::string(i ? "," : "") + R"({"id":")" + std::to_string(i) + R"(","address":"10.0.0.1:)" +
               std::to_string(n) + R"("})";
    ASSERT_EQ(zone.applyWeb("\"peers\":[" + peers + "]"), "");
  };
  publish(1);
  const pid_t reader = ::fork();
  if (reader == 0) {
    libra_zone_t own = *zone.get();
    own.current = nullptr;
    for (;;) {
      const auto* snapshot = libra_zone_current(&own);
      const auto* peer = libra_peers(snapshot);
      for (std::uint32_t i = 0; i < snapshot->npeers; ++i)
        if (peer[i].address.name != "10.0.0.1:" + std::to_string(snapshot->npeers)) ::_exit(1);
      if (snapshot->npeers == 300) ::_exit(0);
    }
  }
  for (int n = 2; n <= 300; ++n) publish(n);
  int status = -1;
  ::waitpid(reader, &status, 0);
  EXPECT_EQ(status, 0);
}

TEST(Zone, NoOtherFileIsTakenForAZone) {
  libra_zone_t zone;
  EXPECT_EQ(libra_zone_attach(&zone, 0), -1);
  FILE* file = ::tmpfile();
  EXPECT_EQ(libra_zone_attach(&zone, ::fileno(file)), -1);
  LibraZone real;
  ASSERT_EQ(libra_zone_attach(&zone, ::dup(real.get()->fd)), 0);
  EXPECT_EQ(libra_zone_boot(&zone), libra_zone_boot(real.get()));
  libra_zone_close(&zone);
  ::fclose(file);
}

TEST(Throttle, LimitsConnectionsOfAClientOverAllWorkers) {
  LibraZone zone;
  ASSERT_EQ(zone.applyWeb(R"("throttle":{"maxConnections":3})"), "");
  const auto enter = [&](libra_zone_t* own, std::uint64_t client, libra_client_t** entry) {
    return libra_throttle_enter(own, zone.lb("web"), client, 1000, entry) == 1;
  };
  libra_client_t *one = nullptr, *two = nullptr, *none = nullptr;
  Worker other(zone, [&](libra_zone_t* own) { enter(own, 42, &none); });
  EXPECT_TRUE(enter(zone.get(), 42, &one));
  EXPECT_TRUE(enter(zone.get(), 42, &two));
  EXPECT_FALSE(enter(zone.get(), 42, &none));
  EXPECT_TRUE(enter(zone.get(), 43, &none));
  libra_throttle_leave(one);
  EXPECT_TRUE(enter(zone.get(), 42, &one));
}

TEST(Throttle, LimitsTheRateAboveTheFreeConnections) {
  LibraZone zone;
  ASSERT_EQ(zone.applyWeb(R"("throttle":{"maxConnectionRate":2,"minConnections":1,"rateInterval":10})"), "");
  const auto enter = [&](std::uint64_t now) {
    libra_client_t* entry = nullptr;
    return libra_throttle_enter(zone.get(), zone.lb("web"), 42, now, &entry) == 1;
  };
  EXPECT_TRUE(enter(10'000));
  EXPECT_TRUE(enter(11'000));
  EXPECT_FALSE(enter(12'000));
  EXPECT_TRUE(enter(20'000));  // the next interval
}

}  // namespace
}  // namespace libra::test
