// make stop, whatever is still alive.

#include <algorithm>
#include <filesystem>
#include <random>

#include "tests/system/libra_test.h"

namespace libra::test {
namespace {

using StopTest = LibraTest;

TEST_F(StopTest, LeavesNoTraceAfterAnyCrash) {
  std::vector<std::string> parts{"controller", "netns-helper", "gearmand", "job-front", "mariadb", "node1"};
  for (const auto& device : lab().devices())
    for (const char* program : {"/haproxy", "/sidecar"}) parts.push_back("devices/" + device + program);
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::shuffle(parts.begin(), parts.end(), std::mt19937(seed));
  lab().create("left-behind");
  for (std::size_t i = 0; i < parts.size() / 2; ++i)
    if (lab().isRunning(parts[i])) lab().kill(parts[i]);

  std::vector<int> pids;
  for (const auto& part : parts) pids.push_back(lab().pid(part));
  const auto folder = std::filesystem::path(lab().path("env")).parent_path();
  lab().down();
  EXPECT_FALSE(std::filesystem::exists(folder));
  EXPECT_EQ(shell("ls /run/netns | grep '^" + lab().netns("") + "' || true"), "");
  EXPECT_EQ(shell("pgrep -af '[/]" + folder.string().substr(1) + "/' || true"), "");  // [/]: not its own shell
  for (std::size_t i = 0; i < parts.size(); ++i) EXPECT_FALSE(isAlive(pids[i])) << parts[i];
}

}  // namespace
}  // namespace libra::test
