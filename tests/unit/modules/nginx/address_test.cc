#include <arpa/inet.h>
#include <gtest/gtest.h>

extern "C" {
#include "modules/nginx/core/libra_address.h"
}

namespace {

struct Parsed {
  const char* text;
  const char* name;  // "": refused
};

TEST(Address, IsReadStrictly) {
  for (const auto& [text, name] : std::vector<Parsed>{{"10.0.0.1:80", "10.0.0.1:80"},
                                                      {"[fd00:0:0::1]:65535", "[fd00::1]:65535"},
                                                      {"[::ffff:1.2.3.4]:1", "[::ffff:1.2.3.4]:1"},
                                                      {"10.0.0.1", ""},
                                                      {"10.0.0.1:", ""},
                                                      {"10.0.0.1:0", ""},
                                                      {"10.0.0.1:65536", ""},
                                                      {"10.0.0.1:+80", ""},
                                                      {"10.0.0.1:80 ", ""},
                                                      {"10.0.0:80", ""},
                                                      {"::1:80", ""},
                                                      {"[::1]80", ""},
                                                      {"[:80", ""},
                                                      {"]:80", ""},
                                                      {":80", ""},
                                                      {"", ""},
                                                      {"[1111:2222:3333:4444:5555:6666:7777:8888:9999]:80", ""}}) {
    libra_address_t address;
    const bool read = libra_address_parse(&address, text) == 0;
    EXPECT_EQ(read ? address.name : "", std::string(name)) << text;
  }
}

TEST(Rule, IsReadStrictly) {
  for (const auto& [text, name] : std::vector<Parsed>{{"10.0.0.0/8", "10.0.0.0/8"},
                                                      {"10.0.0.1", "10.0.0.1/32"},
                                                      {"0.0.0.0/0", "0.0.0.0/0"},
                                                      {"fd00::/7", "fd00::/7"},
                                                      {"::/0", "::/0"},
                                                      {"10.0.0.0/33", ""},
                                                      {"10.0.0.0/", ""},
                                                      {"10.0.0.0/-1", ""},
                                                      {"fd00::/129", ""},
                                                      {"/8", ""},
                                                      {"host", ""}}) {
    libra_rule_t rule;
    char printed[64] = "";
    if (libra_rule_parse(&rule, text) == 0) libra_rule_print(&rule, printed, sizeof printed);
    EXPECT_EQ(printed, std::string(name)) << text;
  }
}

class Access : public ::testing::Test {
 protected:
  void add(const char* network, bool allow) {
    libra_rule_t rule;
    ASSERT_EQ(libra_rule_parse(&rule, network), 0);
    rule.allow = allow;
    rules_.push_back(rule);
  }
  bool lets(const std::string& client) {
    libra_address_t address;
    if (libra_address_parse(&address, (client + ":1").c_str()) != 0) throw std::runtime_error(client);
    return libra_access(rules_.data(), static_cast<std::uint32_t>(rules_.size()), &address.sockaddr.any) == 1;
  }
  std::vector<libra_rule_t> rules_;
};

TEST_F(Access, AnEmptyListLetsEverybodyIn) { EXPECT_TRUE(lets("10.0.0.1")); }

TEST_F(Access, WhoIsAllowedIsAlwaysLetIn) {
  add("0.0.0.0/0", false);
  add("10.1.0.0/16", true);
  add("10.1.2.0/23", false);
  EXPECT_TRUE(lets("10.1.2.3"));
  EXPECT_FALSE(lets("10.2.0.1"));
  EXPECT_TRUE(lets("[fd00::1]"));  // 0.0.0.0/0 is all of IPv4
}

TEST_F(Access, BitsWithinAByteCount) {
  add("10.0.0.128/25", false);
  add("fd00::/9", false);
  EXPECT_TRUE(lets("10.0.0.127"));
  EXPECT_FALSE(lets("10.0.0.128"));
  EXPECT_FALSE(lets("[fd7f::1]"));
  EXPECT_TRUE(lets("[fd80::1]"));
  EXPECT_FALSE(lets("[::ffff:10.0.0.200]"));
}

}  // namespace
