#include "sidecar/haproxy/base.h"

#include <gtest/gtest.h>

#include "sidecar/haproxy/config_text.h"
#include "sidecar/haproxy/local_ports.h"
#include "sidecar/haproxy/master.h"

namespace libra::sidecar::haproxy {
namespace {

TEST(Base, IsReadAsItWasWritten) {
  const Base base{0xfedcba9876543210, {80, 443, 65'535}};
  EXPECT_EQ(base.text(), "libra:fedcba9876543210:80-443-65535");
  EXPECT_EQ(Base::parse(base.text()), base);
  const Base in_use{0x1f, {80}, true};
  EXPECT_EQ(in_use.text(), "libra:000000000000001f+:80");
  EXPECT_EQ(Base::parse(in_use.text()), in_use);
  for (const char* text :
       {"", "libra", "libra:", "libra::80", "libra:1g:80", "libra:1f:80-x", "libra:1f:80,81", "libra:1f:65536",
        "libra:+:80", "libra:1f++:80", "libra:+1f:80", "other:1f:80", "libra:1f:80:81", "\"libra:1f:80\""})
    EXPECT_FALSE(Base::parse(text)) << text;
}

TEST(Base, CoversWhatNeedsNoMore) {
  const Base base{7, {80, 443}};
  EXPECT_TRUE(base.covers({7, {443}}));
  EXPECT_FALSE(base.covers({7, {80, 8080}}));
  EXPECT_FALSE(base.covers({8, {80}}));
  EXPECT_FALSE((Base{7, {80, 443}, true}).covers(base)) << "it takes in nothing more";
}

TEST(Base, ChangesWithTheSettingsAndNotWithTheState) {
  DriverConfig config;
  config.stats_socket = "/run/s.sock";
  const auto base = *baseOf(config);
  EXPECT_EQ(base.ports, (std::set<std::uint16_t>{80, 443, 3306, 8080, 8088, 8443}));
  auto more_ports = config, other_drain = config;
  more_ports.ports.push_back(81);
  other_drain.drain = std::chrono::seconds(7);
  EXPECT_EQ(baseOf(more_ports)->fingerprint, base.fingerprint);
  EXPECT_NE(baseOf(other_drain)->fingerprint, base.fingerprint);

  ProxyState state;
  state.servers["s1_http_rr_connect"]["n501-30s2"] = {*NetAddress::parse("10.0.0.1"), 80, 1, Admin::Ready, false};
  EXPECT_NE(configText(config, state)->find("\n  description " + base.text() + "\n"), std::string::npos);
}

TEST(LocalPorts, AreThoseNobodyElseCanBind) {
  constexpr const char* kTable =
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
      "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1\n"
      "   1: 0100007F:C350 0100007F:1F91 01 00000000:00000000 00:00000000 00000000     0        0 2 1\n"
      "  12: 0100007F:1F92 0100007F:C351 06 00000000:00000000 00:00000000 00000000     0        0 0 3\n"
      "nonsense\n\n";
  EXPECT_EQ(parseTakenPorts(kTable), (std::set<std::uint16_t>{8080, 50'000}));
}

TEST(Master, TellsWhichProcessServes) {
  constexpr const char* kAnswer =
      "#<PID>          <type>          <reloads>       <uptime>        <version>      \n"
      "4954            master          1 [failed: 0]   0d00h00m01s     2.6.12-1+deb12u4\n"
      "# workers\n"
      "5059            worker          0               0d00h00m00s     2.6.12-1+deb12u4\n"
      "# old workers\n"
      "4958            worker          1               0d00h00m01s     2.6.12-1+deb12u4\n"
      "# programs\n\n";
  EXPECT_EQ(*parseWorker(kAnswer), 5059);
  for (const char* text : {"", "# workers\n", "# workers\n# old workers\n4958 worker\n", "# workers\n-1 worker\n"})
    EXPECT_FALSE(parseWorker(text)) << text;
}

}  // namespace
}  // namespace libra::sidecar::haproxy
