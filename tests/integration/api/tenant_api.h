#pragma once

// The tenant API v1.1 with its real services, section by section of spec/libra.md.

#include <gtest/gtest.h>

#include "tests/integration/replies.h"
#include "tests/support/api_world.h"

namespace libra::test::tenant_api {

using model::LbStatus;

inline const std::string kLbs = "/v1.1/loadbalancers";

class Api : public ::testing::Test {
 protected:
  // The body of 1.3 for every failure that is no 404.
  static void expectFault(const ApiReply& reply, int status, const std::string& details) {
    EXPECT_EQ(reply.status, status) << reply.text;
    EXPECT_EQ(reply.body["message"].text(), "Bad Request") << reply.text;
    EXPECT_EQ(reply.body["details"].text(), details);
    EXPECT_EQ(reply.body["code"].integer(), status);
  }
  // 1.3 item 4; no details: an unknown URL.
  static void expectNotFound(const ApiReply& reply, const std::string& details = "") {
    EXPECT_EQ(reply.status, 404) << reply.text;
    EXPECT_EQ(reply.body["status"].text(), "404");
    EXPECT_EQ(reply.body["message"].text(), "Object not Found");
    EXPECT_EQ(reply.body["code"].integer(), 404);
    EXPECT_EQ(json::dump(reply.body["details"]), details.empty() ? "null" : "\"NotFound: " + details + "\"");
  }

  struct Refused {
    std::string body;
    int status;
    std::string details;
  };
  // Each body is refused with its text and changes nothing.
  void expectRefused(const std::string& method, const std::string& path, const std::vector<Refused>& rows) {
    const auto before = world_.state();
    for (const auto& row : rows) {
      SCOPED_TRACE(method + " " + path + " " + row.body.substr(0, 200));
      const auto reply = world_.send(method, path, row.body);
      if (row.status == 404) {
        expectNotFound(reply, row.details);
      } else {
        expectFault(reply, row.status, row.details);
      }
      EXPECT_EQ(world_.state(), before);
    }
  }

  std::string lb(const std::string& id, const std::string& below = "") { return kLbs + "/" + id + below; }

  ApiWorld world_;
};

inline std::string wrongType(const std::string& name, const std::string& value, const char* want, const char* got) {
  return "Invalid input for field/attribute " + name + ". Value: '" + value + "'. Wrong type. Expected '<type '" +
         want + "'>', got '<type '" + got + "'>'";
}
inline std::string nonActive(const char* doing, LbStatus status) {
  return std::string("ImmutableEntity: Cannot ") + doing +
         " a Load Balancer in a non-ACTIVE state, current state: " + std::string(name(status));
}

inline constexpr LbStatus kImmutable[] = {LbStatus::Error, LbStatus::PendingUpdate, LbStatus::PendingDelete,
                                          LbStatus::Build, LbStatus::Rebuilding};

}  // namespace libra::test::tenant_api
