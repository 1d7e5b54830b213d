#include "sidecar/haproxy/config_text.h"

#include <gtest/gtest.h>

#include "sidecar/haproxy/layout.h"
#include "tests/support/device_states.h"

namespace libra::sidecar::haproxy {
namespace {

using namespace libra::test;

DriverConfig aConfig() {
  DriverConfig config;
  config.stats_socket = "/run/libra/haproxy.sock";
  return config;
}

TEST(ConfigText, HoldsTheServersOfAState) {
  ProxyState state;
  state.servers["s1_http_rr_connect"]["n501-30s2"] = {*NetAddress::parse("10.0.0.1"), 80, 7, Admin::Maintenance, true};
  const auto text = configText(aConfig(), state);
  ASSERT_TRUE(text);
  EXPECT_NE(text->find("\n  server n501-30s2 10.0.0.1:80 weight 7 check inter 30s rise 2 fall 2 "
                       "pool-max-conn 100 pool-purge-delay 5s backup disabled\n"),
            std::string::npos);
}

TEST(ConfigText, HasTheSlotsAndListenersInUseIfThatIsAsked) {
  const auto wanted =
      aDevice(1, {aBalancer("15", 80, {aNode("501", 8080)}), aBalancer("16", 81, {aNode("502", 8080)})});
  const auto places = *place({}, wanted);
  const auto state = layOut({}, wanted, places, {}, Time{}).state;
  const auto text = *configText(aConfig(), state, Extent::SlotsInUse);
  const auto has = [&](const std::string& line) { return text.find("\n" + line) != text.npos; };
  EXPECT_TRUE(has("  server n501-30s2 "));
  EXPECT_TRUE(has("backend s1_http_rr_connect\n"));
  EXPECT_TRUE(has("backend s2_http_")) << "with any algorithm";
  EXPECT_FALSE(has("backend s3_"));
  EXPECT_FALSE(has("  server t1 "));
  EXPECT_FALSE(has("frontend secure"));
  EXPECT_FALSE(has("backend authorities"));
}

TEST(ConfigText, RefusesTextThatIsMoreThanItsWord) {
  for (const std::string name : {"n1-30s2 disabled", "n1;-30s2", "n1\nbackend x-30s2", "n%[src]-30s2", "n1"}) {
    ProxyState state;
    state.servers["s1_http_rr_connect"][name] = {*NetAddress::parse("10.0.0.1"), 80, 1, Admin::Ready, false};
    EXPECT_FALSE(configText(aConfig(), state)) << name;
  }
  auto config = aConfig();
  config.stats_socket = "/run/a b";
  EXPECT_FALSE(configText(config, {}));
  config = aConfig();
  config.management = "127.0.0.1:80\n  stats enable";
  EXPECT_FALSE(configText(config, {}));
}

TEST(MapText, HasOneEntryPerLine) {
  EXPECT_EQ(*mapText({{"*:80", "s1"}, {"::1:80", "s2|/a;b#c"}}), "*:80 s1\n::1:80 s2|/a;b#c\n");
  for (const Entries& entries : {Entries{{"a", "b\nc d"}}, Entries{{"a", ""}}, Entries{{"#a", "b"}},
                                 Entries{{"a b", "c"}}, Entries{{"a", "b c"}}})
    EXPECT_FALSE(mapText(entries));
}

}  // namespace
}  // namespace libra::sidecar::haproxy
