#include "controller/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "controller/vip_ranges.h"
#include "lib/tls/digest.h"
#include "tests/support/fake_clock.h"
#include "tests/support/memory_store.h"
#include "tests/support/paths.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tls_files.h"

namespace libra {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kLeast = R"(
[api]
certificate = "api.crt"
key = "api.key"
[identity]
token_file = "tokens"
[database]
servers = ["unix:/run/mysqld/mysqld.sock"]
user = "libra"
[gearman]
servers = ["127.0.0.1:4731"]
ca = "ca.crt"
certificate = "controller.crt"
key = "controller.key"
)";

Settings settingsOf(const std::string& text) {
  auto file = config::File::parse("c.toml", text);
  EXPECT_TRUE(file) << file.error().message;
  Settings settings;
  EXPECT_TRUE(readSettings(*file, settings));
  const auto finished = file->finish();
  EXPECT_TRUE(finished) << finished.error().message;
  return settings;
}

TEST(ControllerSettings, HaveDefaultsForAllThatMayBeLeftOut) {
  const auto settings = settingsOf(kLeast);
  EXPECT_EQ(settings.log_level, "info");
  EXPECT_EQ(settings.api.listen, "127.0.0.1:8443");
  EXPECT_EQ(settings.api.workers, 8);
  EXPECT_EQ(settings.admin.listen, "127.0.0.1:8889");
  EXPECT_EQ(settings.admin.tls.certificate, "api.crt") << "the tenant API's";
  EXPECT_EQ(settings.admin.tls.key, "api.key");
  EXPECT_TRUE(settings.admin.tenants.empty());
  EXPECT_EQ(settings.database.schema, "libra");
  EXPECT_EQ(settings.database.password, "");
  EXPECT_FALSE(settings.gearman.clear_text);
  EXPECT_TRUE(settings.gateway.sealed);
  EXPECT_FALSE(settings.api.queue_changes);
  EXPECT_FALSE(settings.pool_messages);
  EXPECT_EQ(settings.pool.wanted.spares, 3);
  EXPECT_EQ(settings.provider.kind, "noop");
  EXPECT_TRUE(settings.vips.ranges.empty());
  EXPECT_EQ(settings.node_poll, std::chrono::seconds(5));
  EXPECT_THAT(settings.pool.wanted.zones, ElementsAre(""));
  EXPECT_EQ(settings.webhook.url, "");
  EXPECT_TRUE(settings.alerts.kinds.contains("device.lost"));
  EXPECT_EQ(settings.keep.deleted, 0);
  EXPECT_EQ(settings.keep.usage, 0);
  EXPECT_EQ(settings.usage_every.count(), 300);
}

TEST(ControllerSettings, ReadEveryKey) {
  const test::TempDir dir;
  std::ofstream(dir / "password") << "s3cret\n";
  const auto settings = settingsOf(R"(
[log]
level = "debug"
[api]
immutable = "queue"
listen = "[::1]:443"
certificate = "api.crt"
key = "api.key"
http_threads = 2
workers = 4
waiting = 10
header_bytes = 8192
body_bytes = 65536
connections = 50
drain = 3
[admin]
listen = "[::1]:8889"
certificate = "admin.crt"
key = "admin.key"
workers = 3
tenants = ["operator"]
[identity]
token_file = "/etc/libra/tokens"
[database]
servers = ["db1:3306", "unix:/s"]
user = "u"
password_file = ")" + dir / "password" +
                                   R"("
schema = "s"
ca = "db.crt"
[gearman]
servers = ["127.0.0.1:4730"]
clear_text = true
senders = 3
pool_messages = true
[pool]
spares = 1
parallel_builds = 2
name_prefix = "dev"
answer_within = 7
zone = "z1"
zones = ["z1", "z3"]
host_groups = ["r1"]
check_every = 9
[provider]
kind = "static"
[[provider.devices]]
name = "lb1"
address = "10.0.0.1"
[[provider.devices]]
name = "lb2"
address = "fd00::2"
zone = "z2"
host_group = "r7"
[vips]
ranges = ["10.77.9.0/24", "fd77::9:0/120"]
prefix = 24
prefix6 = 64
quarantine = 5
[alerts]
kinds = ["device.bad"]
webhook = "https://hooks.example/libra"
timeout = 3
[keep]
deleted = 30
journal = 90
usage = 400
[nodes]
filters = ["10.0.0.0/8"]
[health]
node_poll = 1
change_deadline = 30
)");
  EXPECT_EQ(settings.log_level, "debug");
  EXPECT_EQ(settings.api.listen, "[::1]:443");
  EXPECT_EQ(settings.admin.listen, "[::1]:8889");
  EXPECT_EQ(settings.admin.tls.certificate + settings.admin.tls.key, "admin.crtadmin.key");
  EXPECT_EQ(settings.admin.workers, 3);
  EXPECT_TRUE(settings.pool_messages);
  EXPECT_THAT(settings.admin.tenants, ElementsAre("operator"));
  EXPECT_EQ(settings.api.limits.body_bytes, 65536u);
  EXPECT_EQ(settings.api.limits.connections, 50);
  EXPECT_EQ(settings.database.password, "s3cret");
  EXPECT_THAT(settings.database.servers, ElementsAre("db1:3306", "unix:/s"));
  EXPECT_TRUE(settings.gearman.clear_text);
  EXPECT_FALSE(settings.gateway.sealed);
  EXPECT_TRUE(settings.api.queue_changes);
  EXPECT_EQ(settings.gateway.senders, 3);
  EXPECT_EQ(settings.pool.name_prefix, "dev");
  EXPECT_THAT(settings.pool.wanted.zones, ElementsAre("z1", "z3"));
  EXPECT_THAT(settings.pool.wanted.host_groups, ElementsAre("r1"));
  EXPECT_EQ(settings.pool.checks.every, std::chrono::seconds(9));
  EXPECT_EQ(settings.webhook.url, "https://hooks.example/libra");
  EXPECT_THAT(settings.alerts.kinds, ElementsAre("device.bad"));
  EXPECT_EQ(settings.keep.deleted, 30);
  EXPECT_EQ(settings.keep.journal, 90);
  EXPECT_EQ(settings.keep.usage, 400);
  ASSERT_EQ(settings.provider.devices.size(), 2u);
  EXPECT_EQ(settings.provider.devices[1].host_group, "r7");
  EXPECT_EQ(settings.provider.devices[0].zone, "z1");
  EXPECT_EQ(settings.provider.devices[1].zone, "z2");
  EXPECT_EQ(settings.vips.ranges.size(), 2u);
  EXPECT_EQ(settings.vips.quarantine, std::chrono::seconds(5));
  EXPECT_EQ(settings.node_filters.size(), 1u);
  EXPECT_EQ(settings.node_poll, std::chrono::seconds(1));
  EXPECT_EQ(settings.change_deadline, std::chrono::seconds(30));
}

TEST(ControllerSettings, TellEverythingThatIsMissing) {
  auto file = config::File::parse("c.toml", "[database]\n[provider]\nkind = \"netns\"\n");
  Settings settings;
  EXPECT_TRUE(readSettings(*file, settings));
  EXPECT_THAT(
      file->problems(),
      ElementsAre("c.toml: api.certificate: missing", "c.toml: api.key: missing", "c.toml: gearman.ca: missing",
                  "c.toml: gearman.certificate: missing", "c.toml: gearman.key: missing",
                  "c.toml: gearman.servers: needs at least one \"host:port\"", "c.toml: identity.token_file: missing",
                  "c.toml:1: database.servers: needs at least one \"host:port\" or \"unix:/path\"",
                  "c.toml:1: database.user: missing", "c.toml:2: provider.socket: missing"));
}

struct Wrong {
  const char* name;
  const char* text;
  const char* problem;
};

class ControllerSettingsProblem : public ::testing::TestWithParam<Wrong> {};

TEST_P(ControllerSettingsProblem, IsToldWithItsLine) {
  auto file = config::File::parse("c.toml", std::string(GetParam().text) + kLeast);
  Settings settings;
  EXPECT_TRUE(readSettings(*file, settings));
  EXPECT_THAT(file->problems(), ElementsAre(HasSubstr(GetParam().problem)));
}

INSTANTIATE_TEST_SUITE_P(
    Each, ControllerSettingsProblem,
    ::testing::Values(
        Wrong{"BadRange", "[vips]\nranges = [\"10.77.9.1/24\"]\n", "c.toml:2: vips.ranges: '10.77.9.1/24' is no"},
        Wrong{"HugeRange", "[vips]\nranges = [\"10.0.0.0/8\"]\n", "c.toml:2: vips.ranges: a range may hold"},
        Wrong{"BadFilter", "[nodes]\nfilters = [\"all\"]\n", "c.toml:2: nodes.filters: 'all' is no"},
        Wrong{"UnknownProvider", "[provider]\nkind = \"nova\"\n", "c.toml:2: provider.kind: \"nova\""},
        Wrong{"DeviceWithoutAddress", "[[provider.devices]]\nname = \"a\"\naddress = \"b\"\n",
              "c.toml:3: provider.devices.address: is no address"},
        Wrong{"UnknownTable", "[pools]\nspares = 1\n", "c.toml:1: pools: unknown table"}),
    [](const auto& each) { return each.param.name; });

TEST(ControllerSettings, AreCheckedWithWhatTheyName) {
  const test::TempDir dir;
  const test::TestCa ca(dir.path());
  auto settings = settingsOf(kLeast);
  settings.api.tls = ca.issue("api");
  settings.admin.tls = ca.issue("admin");
  const auto controller = ca.issue("controller");
  settings.gearman.ca = controller.ca;
  settings.gearman.certificate = controller.certificate;
  settings.gearman.key = controller.key;
  settings.token_file = dir / "tokens";
  std::ofstream(settings.token_file) << tls::sha256Hex("t") << " tenant1 tenant\n";
  std::filesystem::permissions(settings.token_file, std::filesystem::perms(0600));
  const auto fine = checkSettings(settings);
  EXPECT_TRUE(fine) << fine.error().message;

  settings.api.tls.key = controller.key;
  settings.admin.tls.certificate = dir / "absent-admin.crt";
  settings.gearman.ca = dir / "absent.crt";
  settings.token_file = dir / "absent";
  const auto broken = checkSettings(settings);
  ASSERT_FALSE(broken);
  EXPECT_THAT(broken.error().message, HasSubstr(settings.api.tls.key));
  EXPECT_THAT(broken.error().message, HasSubstr("absent.crt"));
  EXPECT_THAT(broken.error().message, HasSubstr("absent-admin.crt"));
  EXPECT_THAT(broken.error().message, HasSubstr(settings.token_file));
}

int freeVips(service::Store& store) {
  return *store.transact([](service::Txn& txn) -> Result<int> { return txn.vips().countFree(Time::max()); });
}

TEST(VipRanges, AreLoadedWithoutNetworkAndBroadcast) {
  test::MemoryStore store;
  Settings::Vips vips;
  vips.ranges = {*NetRange::parse("10.77.9.0/24"), *NetRange::parse("fd77::9:0/124"), *NetRange::parse("10.1.0.0/31")};
  EXPECT_TRUE(loadVips(store, vips));
  EXPECT_EQ(freeVips(store), 254 + 15 + 2);
  EXPECT_TRUE(loadVips(store, vips));
  EXPECT_EQ(freeVips(store), 254 + 15 + 2);
}

TEST(VipRanges, OfManyAddressesAreLoadedInPieces) {
  test::MemoryStore store;
  Settings::Vips vips;
  vips.ranges = {*NetRange::parse("10.77.0.0/22")};
  EXPECT_TRUE(loadVips(store, vips));
  EXPECT_EQ(freeVips(store), 1022);
}

// docs/settings/controller.toml is the manual page, too.
TEST(ControllerSettings, TheReferenceHasEveryKeyAndNoOther) {
  auto file = config::File::read(test::sourceDir() + "/docs/settings/controller.toml");
  ASSERT_TRUE(file) << file.error().message;
  Settings settings;
  ASSERT_TRUE(readSettings(*file, settings));
  EXPECT_THAT(file->problems(), ElementsAre());
  EXPECT_THAT(file->defaulted(), ElementsAre());
}

}  // namespace
}  // namespace libra
