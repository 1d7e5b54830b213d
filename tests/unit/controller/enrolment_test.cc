#include <gtest/gtest.h>

#include <grp.h>
#include <unistd.h>

#include "controller/enrolment/desk.h"
#include "lib/base/files.h"
#include "lib/protocol/enrolment.h"
#include "lib/tls/authority.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temp_dir.h"

namespace libra::enrolment {
namespace {

using test::FakeClock;

class Enrolment : public testing::Test {
 protected:
  Enrolment() {
    const auto authority = *tls::createAuthority("test", tls::validFor(clock_.now(), 10));
    EXPECT_TRUE(tls::writeIdentity(folder_.path(), "ca", authority));
  }

  Options options() const {
    return {.url = "https://controller:8443",
            .ca = folder_.path() + "/ca.crt",
            .ca_key = folder_.path() + "/ca.key",
            .invitations = folder_.path(),
            .group = ::getgrgid(::getgid())->gr_name,
            .job_servers = {"controller:4731"},
            .controllers = {"10.0.0.1:4740"}};
  }
  std::string invite(const std::string& device) { return protocol::readInvitation(*desk_.invite(device))->secret; }
  Result<std::string> enrol(const std::string& secret) { return enrol(secret, request_.request); }
  Result<std::string> enrol(const std::string& secret, const std::string& certificate_request) {
    return desk_.enrol(protocol::text(protocol::EnrolmentRequest{secret, certificate_request}));
  }

  FakeClock clock_;
  test::TempDir folder_;
  Desk desk_{options(), clock_};
  const tls::Request request_ = *tls::createRequest();
};

TEST_F(Enrolment, AnInvitationBuysACertificateOfThatDevice) {
  const auto answer = enrol(invite("device-1"));
  ASSERT_TRUE(answer) << answer.error().message;
  const auto enrolment = *protocol::readEnrolment(*answer);
  const auto files = *tls::writeIdentity(folder_.path(), "device", {enrolment.certificate, request_.key});
  EXPECT_TRUE(tls::clientContext({folder_.path() + "/ca.crt", files.certificate, files.key}));
  EXPECT_EQ(enrolment.job_servers, std::vector<std::string>{"controller:4731"});
  EXPECT_EQ(enrolment.controllers, std::vector<std::string>{"10.0.0.1:4740"});
}

TEST_F(Enrolment, AFaultyRequestDoesNotUseTheInvitationUp) {
  const auto secret = invite("device-1");
  EXPECT_EQ(enrol(secret, "no request").error().code, ErrorCode::Invalid);
  EXPECT_TRUE(enrol(secret));
}

TEST_F(Enrolment, AnInvitationIsGoodOnce) {
  const auto secret = invite("device-1");
  ASSERT_TRUE(enrol(secret));
  EXPECT_EQ(enrol(secret).error().code, ErrorCode::Forbidden);
}

TEST_F(Enrolment, AnInvitationEndsAfterADay) {
  const auto secret = invite("device-1");
  clock_.advance(std::chrono::hours(25));
  EXPECT_EQ(enrol(secret).error().code, ErrorCode::Forbidden);
}

TEST_F(Enrolment, AFailedSigningDoesNotUseTheInvitationUp) {
  const auto secret = invite("device-1");
  const auto key = *readFile(folder_.path() + "/ca.key");
  ASSERT_TRUE(replaceFile(folder_.path() + "/ca.key", "broken"));
  EXPECT_EQ(enrol(secret).error().code, ErrorCode::Internal);
  ASSERT_TRUE(replaceFile(folder_.path() + "/ca.key", key));
  EXPECT_TRUE(enrol(secret));
}

TEST_F(Enrolment, ANameThatCannotBeADevicesIsNotInvited) {
  for (const char* name : {"", "../x", "a b", ".hidden"}) EXPECT_FALSE(desk_.invite(name)) << name;
}

TEST_F(Enrolment, WhatIsNoRequestIsRefused) {
  for (const char* body : {"", "{}", "[]", R"({"secret": "../../etc/passwd"})", R"({"secret": 7})"})
    EXPECT_EQ(desk_.enrol(body).error().code, ErrorCode::Invalid) << body;
}

}  // namespace
}  // namespace libra::enrolment
