#include <gtest/gtest.h>

#include <grp.h>
#include <unistd.h>

#include "lib/base/files.h"
#include "sidecar/enroll/enroll.h"
#include "sidecar/settings.h"
#include "tests/support/temp_dir.h"

namespace libra::sidecar {
namespace {

class Enroll : public testing::Test {
 protected:
  Status run() {
    EnrollOptions options;
    options.folder = folder_.path() + "/etc";
    options.interface = "lo";
    options.group = ::getgrgid(::getgid())->gr_name;
    const auto ask = [&](const protocol::Invitation&,
                         const protocol::EnrolmentRequest& request) -> Result<protocol::Enrolment> {
      EXPECT_NE(request.certificate_request.find("BEGIN CERTIFICATE REQUEST"), std::string::npos);
      EXPECT_EQ(request.certificate_request.find("PRIVATE KEY"), std::string::npos);
      ++asked_;
      return answer_;
    };
    return enroll(invitation_, options, ask, [](const std::string&) {});
  }
  std::string settingsFile() const { return folder_.path() + "/etc/sidecar.toml"; }

  test::TempDir folder_;
  std::string invitation_ = protocol::text(
      protocol::Invitation{"https://controller:8443", "-----BEGIN CERTIFICATE-----", "device-1", std::string(64, 'a')});
  Result<protocol::Enrolment> answer_ =
      protocol::Enrolment{"ca", "certificate", {"controller:4731"}, {"10.0.0.1:4740"}};
  int asked_ = 0;
};

TEST_F(Enroll, WritesSettingsTheSidecarTakes) {
  ASSERT_TRUE(run());
  auto file = config::File::read(settingsFile());
  ASSERT_TRUE(file);
  Settings settings;
  ASSERT_TRUE(readSettings(*file, settings));
  EXPECT_EQ(file->problems(), std::vector<std::string>{});
  EXPECT_EQ(settings.device, "device-1");
  EXPECT_EQ(settings.gearman.servers, std::vector<std::string>{"controller:4731"});
  ASSERT_EQ(settings.heart.controllers.size(), 1u);
  EXPECT_EQ(settings.heart.controllers.front().str(), "10.0.0.1:4740");
}

TEST_F(Enroll, ASecondTimeChangesNothing) {
  ASSERT_TRUE(run());
  const auto before = *readFile(settingsFile());
  ASSERT_TRUE(run());
  EXPECT_EQ(asked_, 1);
  EXPECT_EQ(*readFile(settingsFile()), before);
}

TEST_F(Enroll, ARefusalLeavesTheDeviceUnenrolled) {
  answer_ = Error{ErrorCode::Forbidden, "used already"};
  EXPECT_FALSE(run());
  EXPECT_FALSE(readFile(settingsFile()));
}

TEST_F(Enroll, WhatIsNoInvitationAsksNobody) {
  invitation_ = "{}";
  EXPECT_FALSE(run());
  EXPECT_EQ(asked_, 0);
}

}  // namespace
}  // namespace libra::sidecar
