#include "sidecar/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/paths.h"

namespace libra::sidecar {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Read {
  Settings settings;
  std::string problems;  // "" when there are none
};

Read read(const std::string& text) {
  auto file = *config::File::parse("sidecar.toml", text);
  Read read;
  if (auto status = readSettings(file, read.settings); !status) read.problems = status.error().message;
  if (auto status = file.finish(); !status) read.problems += status.error().message;
  return read;
}

const std::string kLeast = R"(
[device]
name = "dev-1"
state_dir = "/var/lib/libra"
[gearman]
servers = ["10.77.0.2:4731"]
)";
const std::string kFiles = "ca = 'ca.pem'\ncertificate = 'cert.pem'\nkey = 'key.pem'\n";

TEST(SidecarSettings, LittleNeedsToBeSaid) {
  const auto [settings, problems] = read(kLeast + kFiles);
  EXPECT_EQ(problems, "");
  EXPECT_EQ(settings.device, "dev-1");
  EXPECT_EQ(settings.interface, "eth0");
  EXPECT_TRUE(settings.announce);
  EXPECT_TRUE(settings.sealed);
  EXPECT_EQ(settings.driver, "haproxy");
  EXPECT_EQ(settings.driver_config.directory, "/var/lib/libra/haproxy");
  EXPECT_EQ(settings.driver_config.master_socket, "/var/lib/libra/haproxy/master.sock");
  EXPECT_EQ(settings.driver_config.drain, std::chrono::seconds(300));
  EXPECT_EQ(settings.driver_config.management, "127.0.0.1:9080");
  EXPECT_THAT(settings.driver_config.ports, ElementsAre(80, 443, 3306, 8080, 8088, 8443));
}

TEST(SidecarSettings, EverythingMayBeSaid) {
  const auto [settings, problems] = read(kLeast + "clear_text = true\n" + R"(
[log]
level = "debug"
[driver]
kind = "noop"
directory = "/d"
stats_socket = "/s"
master_socket = "/m"
drain = 20
binary = "/b"
management = "127.0.0.1:1"
ports = [81]
[vip]
interface = "eth1"
announce = false
[diagnostics]
network_target = "10.0.0.1:80"
)");
  EXPECT_EQ(problems, "");
  EXPECT_EQ(settings.log_level, "debug");
  EXPECT_TRUE(settings.gearman.clear_text);
  EXPECT_EQ(settings.driver, "noop");
  EXPECT_EQ(settings.driver_config.stats_socket, "/s");
  EXPECT_THAT(settings.driver_config.ports, ElementsAre(81));
  EXPECT_EQ(settings.interface, "eth1");
  EXPECT_FALSE(settings.announce);
  EXPECT_EQ(settings.network_target, "10.0.0.1:80");
}

TEST(SidecarSettings, EveryProblemIsToldAtOnce) {
  const auto problems = read(R"(
[device]
name = "../dev"
[gearman]
servers = []
[driver]
kind = "squid"
[surprise]
)")
                            .problems;
  for (const char* told : {"name", "state_dir", "servers", "certificate", "kind", "surprise"})
    EXPECT_THAT(problems, HasSubstr(told));
}

// docs/settings/sidecar.toml is the manual page, too.
TEST(SidecarSettings, TheReferenceHasEveryKeyAndNoOther) {
  auto file = config::File::read(test::sourceDir() + "/docs/settings/sidecar.toml");
  ASSERT_TRUE(file) << file.error().message;
  Settings settings;
  ASSERT_TRUE(readSettings(*file, settings));
  EXPECT_THAT(file->problems(), ElementsAre());
  EXPECT_THAT(file->defaulted(), ElementsAre());
}

}  // namespace
}  // namespace libra::sidecar
