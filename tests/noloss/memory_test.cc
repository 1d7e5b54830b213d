// A device that carried many load balancers, one after the other, is as it was: the next
// ones add no memory, no descriptor, no server and no map entry.
//   LIBRA_NOLOSS_WARMUP=200 LIBRA_NOLOSS_MORE=800 noloss --gtest_filter='*Memory*'

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "tests/noloss/setting.h"
#include "tests/noloss/stage.h"
#include "tests/support/child_process.h"
#include "tests/support/device_states.h"

namespace libra::test {
namespace {

constexpr int kChanges = 20;
constexpr long kMostKilobytes = 2'048;
constexpr std::chrono::minutes kQuarantine{1};

struct Footprint {
  long kilobytes = 0;
  long descriptors = 0;
};

Footprint footprintOf(pid_t process) {
  const auto folder = "/proc/" + std::to_string(process);
  Footprint footprint;
  std::ifstream status(folder + "/status");
  for (std::string word; status >> word;)
    if (word == "RssAnon:") status >> footprint.kilobytes;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder + "/fd"))
    ++footprint.descriptors;
  return footprint;
}

// With its workers, which are children of an nginx.
Footprint footprintOfProxy(pid_t process) {
  auto footprint = footprintOf(process);
  std::ifstream children("/proc/" + std::to_string(process) + "/task/" + std::to_string(process) + "/children");
  for (pid_t child; children >> child;) {
    const auto part = footprintOf(child);
    footprint.kilobytes += part.kilobytes;
    footprint.descriptors += part.descriptors;
  }
  return footprint;
}

class Memory : public testing::TestWithParam<DriverWorldKind> {
 protected:
  // Created, changed twenty times, deleted.
  void oneLife(int number) {
    auto scene = stage_.scene();
    auto lb = scene.plain;
    lb.id = std::to_string(1'000 + number);
    scene.device.load_balancers = {lb};
    for (int i = 0; i <= kChanges; ++i) {
      auto& now = scene.changed();
      if (i % 4 == 1) now.nodes.push_back(aNode(std::to_string(600 + i), scene.backends[2]));
      if (i % 4 == 2) now.nodes.back().weight = 9;
      if (i % 4 == 3) now.nodes.pop_back();
      if (i % 4 == 0) now.algorithm = i % 8 == 0 ? Algorithm::LeastConnections : Algorithm::RoundRobin;
      if (i % 5 == 4) now.monitor.path = "/health" + std::to_string(i);
      ASSERT_TRUE(stage_.apply(scene));
    }
    scene.device.load_balancers.clear();
    ASSERT_TRUE(stage_.apply(scene));
    (void)stage_.world().driver().tick();
  }

  // The servers that left have ended their quarantine: nothing is behind the names any more.
  void settle() {
    EXPECT_TRUE(waitFor([&] { return (void)stage_.world().driver().tick(), things() == 0; }, kQuarantine))
        << explanation();
    ::malloc_trim(0);
  }
  std::string explanation() { return *stage_.world().driver().explain(); }
  // Lines that name a server, a slot or an entry; the first tells the generation.
  std::ptrdiff_t things() {
    const auto text = explanation();
    return std::count(text.begin(), text.end(), '\n') - 1;
  }

  Stage stage_{GetParam().make(), 1};
};

TEST_P(Memory, OneLoadBalancerAfterTheOtherLeavesNothingBehind) {
  const int warm_up = std::stoi(setting("LIBRA_NOLOSS_WARMUP", "20")),
            more = std::stoi(setting("LIBRA_NOLOSS_MORE", "20"));
  for (int i = 0; i < warm_up; ++i) oneLife(i);
  settle();
  const auto proxy = footprintOfProxy(stage_.world().process()), ours = footprintOf(::getpid());
  for (int i = 0; i < more; ++i) oneLife(warm_up + i);
  settle();
  // A connection that is just ending is no leak: what stays is.
  const auto descriptorsLeft = [&] {
    return footprintOfProxy(stage_.world().process()).descriptors <= proxy.descriptors &&
           footprintOf(::getpid()).descriptors <= ours.descriptors;
  };
  EXPECT_TRUE(waitFor(descriptorsLeft, kQuarantine)) << "descriptors are left behind";
  const auto proxy_then = footprintOfProxy(stage_.world().process()), ours_then = footprintOf(::getpid());

  fmt::print("after {} more: proxy {} -> {} kB, {} -> {} descriptors; driver {} -> {} kB, {} -> {} descriptors\n", more,
             proxy.kilobytes, proxy_then.kilobytes, proxy.descriptors, proxy_then.descriptors, ours.kilobytes,
             ours_then.kilobytes, ours.descriptors, ours_then.descriptors);
  EXPECT_LE(proxy_then.kilobytes - proxy.kilobytes, kMostKilobytes);
  EXPECT_LE(ours_then.kilobytes - ours.kilobytes, kMostKilobytes);
}

INSTANTIATE_TEST_SUITE_P(Drivers, Memory, testing::ValuesIn(driverWorlds()), testing::PrintToStringParamName());

}  // namespace
}  // namespace libra::test
