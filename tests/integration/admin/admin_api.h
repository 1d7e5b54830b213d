#pragma once

// The admin API v1 and v2.0 with its real services, section by section of spec/libra.md.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/api/codec.h"
#include "controller/service/device_lease.h"
#include "tests/integration/replies.h"
#include "tests/support/admin_world.h"

namespace libra::test::admin_api {

using model::DeviceStatus;
using model::LbStatus;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Ids = std::vector<std::int64_t>;

inline const std::string kNotAuthorized = "Client not authorized to access this function";

inline std::string number(std::int64_t value) { return std::to_string(value); }

class AdminApi : public ::testing::Test {
 protected:
  static void expectFault(const ApiReply& reply, int status, const std::string& text) {
    EXPECT_EQ(reply.status, status) << reply.text;
    EXPECT_EQ(reply.body["faultcode"].text(), status < 500 ? "Client" : "Server") << reply.text;
    EXPECT_EQ(reply.body["faultstring"].text(), text);
  }
  static void expectNotFound(const ApiReply& reply, const std::string& text) {
    expectFault(reply, 404, text);
    EXPECT_EQ(reply.body["status"].text(), "404");
    EXPECT_EQ(reply.body["message"].text(), "Object not Found");
  }

  struct Refused {
    std::string body;
    std::string text;
  };
  // Each body is refused with 400 and its text, and changes nothing.
  void expectRefused(const std::string& method, const std::string& path, const std::vector<Refused>& rows) {
    const auto before = world_.state();
    for (const auto& row : rows) {
      SCOPED_TRACE(method + " " + path + " " + row.body);
      expectFault(world_.ask(method, path, row.body), 400, row.text);
      EXPECT_EQ(world_.state(), before);
    }
  }
  // Those a list answers with, in its order.
  std::vector<std::int64_t> idsOf(const std::string& path, const char* member) {
    const auto reply = world_.ask("GET", path);
    EXPECT_EQ(reply.status, 200) << path << " " << reply.text;
    std::vector<std::int64_t> ids;
    for (std::size_t i = 0; i < reply.body[member].size(); ++i) ids.push_back(reply.body[member][i]["id"].integer());
    return ids;
  }
  static std::string device(std::int64_t id, const std::string& below = "") {
    return "/v2.0/devices/" + number(id) + below;
  }

  AdminWorld world_;
};

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Ids = std::vector<std::int64_t>;

}  // namespace libra::test::admin_api
