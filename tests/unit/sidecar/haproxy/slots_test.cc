#include "sidecar/haproxy/slots.h"

#include <gtest/gtest.h>

#include "tests/support/device_states.h"

namespace libra::sidecar::haproxy {
namespace {

TEST(Slots, EveryNameReadsBack) {
  for (const auto& slot : allSlots()) {
    EXPECT_EQ(slotNamed(slot.name()), &slot);
    for (const auto& variant : variantsOf(slot.number)) EXPECT_EQ(Variant::parse(variant.name()), variant);
  }
  for (const char* name : {"", "s", "s0", "s01_http_rr_connect", "s999_http_rr_connect", "s1_http_rr", "s1_http_rr_x",
                           "s1_http_rr_connect_", "s1_plain_rr", "s1_plain_connect", "frontend"})
    EXPECT_FALSE(Variant::parse(name)) << name;
}

TEST(Slots, AServerNameCarriesWhatWasFixedAtItsBirth) {
  const std::pair<const char*, ServerName> rows[] = {{"n501-30s2", {"501", 30, 2, 1}},
                                                     {"n501-30s2bp-g2", {"501", 30, 2, 2, true, "", true}},
                                                     {"n501-30s2-g2", {"501", 30, 2, 2}},
                                                     {"na-b-g3-5s1", {"a-b-g3", 5, 1, 1}},
                                                     {"na-1s2-3600s10-g12", {"a-1s2", 3600, 10, 12}}};
  for (const auto& [text, name] : rows) {
    EXPECT_EQ(name.text(), text);
    EXPECT_EQ(ServerName::parse(text), name);
  }
  for (const char* text :
       {"", "n", "n501", "501-30s2", "n-30s2", "n501-30s2-g1", "n501-30s2-g", "n501-030s2", "n501-s2"})
    EXPECT_FALSE(ServerName::parse(text)) << text;
}

struct ClassRow {
  const char* name;
  Protocol protocol;
  int connect_ms, idle_ms, retries;
  int timeout_s, class_retries;
};

class OptionClassOf : public testing::TestWithParam<ClassRow> {};

TEST_P(OptionClassOf, IsTheSmallestThatIsEnough) {
  const auto& row = GetParam();
  auto balancer = test::aBalancer("1", 80, {}, row.protocol);
  const std::chrono::milliseconds idle(row.idle_ms);
  balancer.options = {idle, idle, std::chrono::milliseconds(row.connect_ms), row.retries};
  EXPECT_EQ(classFor(balancer), (OptionClass{std::chrono::seconds(row.timeout_s), row.class_retries}));
}

INSTANTIATE_TEST_SUITE_P(
    Options, OptionClassOf,
    testing::Values(ClassRow{"Default", Protocol::Http, 30'000, 30'000, 3, 30, 3},
                    ClassRow{"HttpIdleTimeIsSetPerRequest", Protocol::Http, 1'000, 900'000, 0, 5, 0},
                    ClassRow{"TcpIdleTimeIsTheBackends", Protocol::Tcp, 1'000, 900'000, 1, 1000, 3},
                    ClassRow{"NoneIsTheLongest", Protocol::Http, 0, 1, 4, 1000, 10},
                    ClassRow{"Most", Protocol::Galera, 1'000'000, 0, 256, 1000, 256}),
    [](const auto& row) { return row.param.name; });

TEST(OptionClass, AQuarantineOutlastsEveryAttemptToConnect) {
  EXPECT_EQ((OptionClass{std::chrono::seconds(30), 3}).quarantine(), std::chrono::seconds(34));
}

}  // namespace
}  // namespace libra::sidecar::haproxy
