// Input that nobody sends by mistake: always the right 4xx as JSON, and nothing changed.

#include <gtest/gtest.h>

#include "lib/base/utf8.h"
#include "tests/support/api_world.h"

namespace libra::test {
namespace {

const std::string kLbs = "/v1.1/loadbalancers";

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

class HostileApi : public ::testing::Test {
 protected:
  void SetUp() override {
    lb_ = kLbs + "/" + world_.create();
    node_ = lb_ + "/nodes/" + world_.nodesOf(lb_.substr(kLbs.size() + 1))[0];
    before_ = world_.state();
  }

  void expectRefused(const std::string& method, const std::string& path, const std::string& body, int status,
                     const std::string& token = "token-a") {
    SCOPED_TRACE(method + " " + path.substr(0, 80) + " " + repairUtf8(body.substr(0, 80)));
    const auto reply = world_.send(method, path, body, token);
    EXPECT_EQ(reply.status, status) << reply.text.substr(0, 300);
    EXPECT_TRUE(reply.body.isObject());
    EXPECT_EQ(reply.body["code"].integer(), status);
    EXPECT_EQ(world_.state(), before_);
  }

  ApiWorld world_;
  std::string lb_, node_, before_;
};

TEST_F(HostileApi, NoBodyThatIsNotOneJsonObjectGetsAnywhere) {
  const std::string bodies[] = {"{",
                                "}",
                                "[]",
                                "\"\"",
                                "0",
                                "true",
                                "[{}]",
                                "{} {}",
                                "{}x",
                                "{\"name\":}",
                                "{name:1}",
                                "{'name':'a'}",
                                "\xEF\xBB\xBF{}",
                                "// c\n{}",
                                "{\"a\":01}",
                                "{\"a\":.5}",
                                "{\"a\":Infinity}",
                                "{\"a\":1e999}",
                                "{\"a\":99999999999999999999}",
                                "{\"a\":-99999999999999999999}",
                                std::string("\0", 1),
                                std::string("{}\0", 3),
                                "\xff\xfe",
                                "{\"name\":\"\xc3\"}",
                                "{\"name\":\"\xed\xa0\x80\"}",
                                "{\"name\":\"\xf4\x90\x80\x80\"}",
                                "{\"name\":\"\xc0\xaf\"}",
                                "{\"name\":\"\\ud800\"}",
                                "{\"name\":\"\\udc00\\ud800\"}",
                                "{\"name\":\"\n\"}",
                                "{\"na\\u0000me\":\"a\"}",
                                "{\"name\":\"a\",\"name\":\"b\"}",
                                "{\"x\":{\"y\":1,\"y\":2}}",
                                repeated("[", 100'000),
                                repeated("{\"a\":", 100'000),
                                repeated("[", 100'000) + repeated("]", 100'000),
                                "{\"x\":" + repeated("[", 5'000) + repeated("]", 5'000) + "}"};
  const std::pair<const char*, std::string> calls[] = {
      {"POST", kLbs},         {"PUT", lb_}, {"POST", lb_ + "/nodes"}, {"PUT", node_}, {"PUT", lb_ + "/healthmonitor"},
      {"POST", lb_ + "/logs"}};
  for (const auto& [method, path] : calls)
    for (const auto& body : bodies) expectRefused(method, path, body, 400);
}

TEST_F(HostileApi, TextsMayHoldNoNul) {
  const std::string node = R"("nodes":[{"address":"10.0.0.1","port":80}])";
  const std::string nul = R"(\u0000)";
  const struct {
    const char* method;
    std::string path, body;
  } calls[] = {{"POST", kLbs, R"({"name":"a)" + nul + R"(b",)" + node + "}"},
               {"POST", kLbs, R"({"name":"a","protocol":"HTTP)" + nul + R"(",)" + node + "}"},
               {"POST", kLbs, R"({"name":"a","algorithm":"ROUND_ROBIN)" + nul + R"(",)" + node + "}"},
               {"POST", kLbs, R"({"name":"a","nodes":[{"address":"10.0.0.1)" + nul + R"(","port":80}]})"},
               {"POST", kLbs, R"({"name":"a","nodes":[{"address":"10.0.0.1","port":"80)" + nul + R"("}]})"},
               {"PUT", lb_, R"({"name":")" + nul + R"("})"},
               {"PUT", lb_ + "/healthmonitor",
                R"({"type":"HTTP","delay":5,"timeout":5,"attemptsBeforeDeactivation":1,"path":"/)" + nul + R"("})"},
               {"POST", lb_ + "/logs", R"({"authToken":")" + nul + R"("})"}};
  for (const auto& call : calls) expectRefused(call.method, call.path, call.body, 400);
  EXPECT_EQ(world_.send("PUT", lb_, R"({"name":"\u0000"})").body["details"].text(),
            "Invalid input for field/attribute name. Text must not contain NUL characters");
}

TEST_F(HostileApi, NumbersBeyondAllRangesAreRefusedNotWrapped) {
  for (const char* number :
       {"-1", "-80", "65536", "65616", "4294967376", "9223372036854775807", "-9223372036854775808", "\"-1\"",
        "\"65616\"", "\"4294967376\"", "\"18446744073709551696\"", "80.5", "8e1", "true"}) {
    const std::string n = number;
    expectRefused("POST", kLbs, R"({"name":"a","nodes":[{"address":"10.0.0.1","port":)" + n + "}]}", 400);
    expectRefused("POST", kLbs, R"({"name":"a","port":)" + n + R"(,"nodes":[{"address":"10.0.0.1","port":80}]})", 400);
    expectRefused("POST", lb_ + "/nodes", R"({"nodes":[{"address":"10.0.0.1","port":80,"weight":)" + n + "}]}", 400);
  }
  for (const char* number : {"-1", "4294967296", "4294967297", "9223372036854775807"}) {
    const std::string n = number;
    expectRefused("PUT", lb_, R"({"options":{"timeout":)" + n + "}}", 400);
    expectRefused("PUT", lb_, R"({"options":{"retries":)" + n + "}}", 400);
    expectRefused("PUT", node_, R"({"weight":)" + n + "}", 400);
    expectRefused("PUT", lb_ + "/healthmonitor",
                  R"({"type":"CONNECT","timeout":1,"attemptsBeforeDeactivation":1,"delay":)" + n + "}", 400);
  }
}

TEST_F(HostileApi, AHundredThousandNodesAreTooMany) {
  const auto nodes = [](const std::string& node) {
    return R"({"name":"a","nodes":[)" + repeated(node + ",", 99'999) + node + "]}";
  };
  const auto good = nodes(R"({"address":"10.0.0.1","port":80})");
  expectRefused("POST", kLbs, good, 413);
  expectRefused("POST", lb_ + "/nodes", good, 413);
  expectRefused("POST", kLbs, nodes("{}"), 400);
  expectRefused("POST", kLbs, nodes("null"), 400);
  expectRefused("POST", kLbs, R"({"name":"a","virtualIps":)" + nodes("7").substr(18), 400);
}

TEST_F(HostileApi, LongTextsAreRefused) {
  const std::string megabyte(1'000'000, 'x');
  const std::string node = R"("nodes":[{"address":"10.0.0.1","port":80}])";
  expectRefused("POST", kLbs, R"({"name":")" + megabyte + R"(",)" + node + "}", 400);
  expectRefused("POST", kLbs, R"({"name":"a","protocol":")" + megabyte + R"(",)" + node + "}", 400);
  expectRefused("POST", kLbs, R"({"name":"a","nodes":[{"address":")" + megabyte + R"(","port":80}]})", 400);
  expectRefused("PUT", lb_ + "/healthmonitor",
                R"({"type":"HTTP","delay":5,"timeout":5,"attemptsBeforeDeactivation":1,"path":"/)" + megabyte + "\"}",
                400);
}

TEST_F(HostileApi, AddressesAreAddressesOnly) {
  for (const char* address : {"localhost", "10.0.0.1/8", "10.0.0.1:80", "010.0.0.1", "10.0.0", "10.0.0.1.",
                              "0x0a000001", "167772161", " 10.0.0.1", "10.0.0.1 ", "10.0.0.1\\n", "::1",
                              "::ffff:10.0.0.1", "10.0.0.1;x", "$(id)", "1.2.3.4\\u0020weight 5"})
    expectRefused("POST", kLbs, R"({"name":"a","nodes":[{"address":")" + std::string(address) + R"(","port":80}]})",
                  400);
}

TEST_F(HostileApi, NamesComeBackExactlyAsTheyWereGiven) {
  for (const char* name : {"a\\\"b\\\\c", "\\n\\r\\t", "\\u0001\\u001f", "ünï 😀 \\ud83d\\ude00", "%s %n ${x} {}",
                           "'; DROP TABLE loadbalancers; --", "<script>", "\\u2028\\u202e", ""}) {
    const auto sent = json::parse(std::string(R"({"name":")") + name + "\"}");
    ASSERT_TRUE(sent);
    ASSERT_EQ(world_.send("PUT", lb_, json::dump(*sent)).status, 202) << name;
    EXPECT_EQ(world_.get(lb_).body["name"].text(), (*sent)["name"].text());
  }
}

TEST_F(HostileApi, StrangePathsQueriesMethodsAndTokensAreRefused) {
  for (const std::string& path :
       {kLbs + "/..", kLbs + "/../limits", kLbs + "//", kLbs + "/1%00", kLbs + "/%31%2f", kLbs + "/1;x", kLbs + "/１",
        kLbs + "/" + std::string(15'000, '1'), std::string("/v1.1/%"), std::string("//v1.1"), std::string("")})
    expectRefused("GET", path, "", 404);
  for (const char* query : {"?%00=1", "?%ff=1", "?%zz", "?=", "?a=%", "?limit=1&limit=2", "?Status=DELETED"})
    expectRefused("GET", kLbs + query, "", 400);
  for (const std::string& method :
       {std::string("get"), std::string("FOO"), std::string("G\xff"), std::string(5'000, 'M')})
    expectRefused(method, kLbs, "", 405);
  for (const std::string& token : {std::string("token-a\r\n"), std::string("token-a\0", 8), std::string(10'000, 't'),
                                   std::string("\xff"), std::string("TOKEN-A")})
    expectRefused("DELETE", lb_, "", 401, token);
}

}  // namespace
}  // namespace libra::test
