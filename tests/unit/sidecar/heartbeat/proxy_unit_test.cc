// What systemd is told of the proxy fits what the sidecar expects of it.

#include <gtest/gtest.h>

#include <regex>

#include "lib/base/files.h"
#include "sidecar/heartbeat/proxy_watch.h"
#include "tests/support/paths.h"

namespace libra::test {
namespace {

TEST(ProxyUnit, ACrashedHaproxyIsStartedAgainLongBeforeItIsGivenUp) {
  const auto unit = readFile(sourceDir() + "/packaging/common/systemd/libra-haproxy.service");
  ASSERT_TRUE(unit);
  std::smatch found;
  ASSERT_TRUE(std::regex_search(*unit, found, std::regex("\nRestartSec=([0-9]+)ms\n")));
  EXPECT_LE(10 * std::chrono::milliseconds(std::stoi(found[1])), sidecar::ProxyWatch::kComesBackWithin);
  EXPECT_NE(unit->find("\nRestart=always\n"), std::string::npos);
  EXPECT_NE(unit->find("\nStartLimitIntervalSec=0\n"), std::string::npos) << "however often it crashes";
}

}  // namespace
}  // namespace libra::test
