#include "controller/setup/settings_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "controller/settings.h"
#include "lib/config/toml.h"
#include "tests/support/temp_dir.h"

namespace libra::setup {
namespace {

TEST(SettingsText, IsWhatTheControllerReads) {
  const test::TempDir dir;
  Options options;
  options.folder = options.state = dir.path();
  options.host = options.address = "192.0.2.1";
  options.database = "127.0.0.1:3306";
  options.admin = "the \"operator\"";
  options.vip_ranges = {"198.51.100.0/24", "203.0.113.0/24"};
  options.devices = {{"lb-1", "192.0.2.11"}, {"lb-2", "192.0.2.12"}};
  std::filesystem::create_directory(dir / "controller");
  std::ofstream(dir / "controller/database-password") << "secret\n";

  auto file = config::File::parse("controller.toml", settingsText(options));
  ASSERT_TRUE(file) << file.error().message;
  Settings settings;
  ASSERT_TRUE(readSettings(*file, settings));
  EXPECT_THAT(file->problems(), ::testing::IsEmpty());
  EXPECT_THAT(settings.admin.tenants, ::testing::ElementsAre(options.admin));
  EXPECT_EQ(settings.vips.ranges.size(), 2u);
  EXPECT_EQ(settings.provider.devices.size(), 2u);
}

}  // namespace
}  // namespace libra::setup
