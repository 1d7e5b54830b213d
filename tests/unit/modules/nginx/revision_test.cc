#include <gtest/gtest.h>

#include "tests/support/libra_zone.h"

namespace libra::test {
namespace {

const std::string kWhole = R"({"revision":7,"loadBalancers":[{"id":"web","server":"http",
  "listen":[{"address":"10.0.0.1:80","descriptor":0},{"address":"[fd00:0::1]:80"}],
  "algorithm":"LEAST_CONNECTIONS","persistence":"SOURCE","maxFails":3,"failTimeout":5,
  "throttle":{"maxConnections":10,"minConnections":2,"maxConnectionRate":5,"rateInterval":60},
  "accessList":[{"address":"10.0.0.0/8","type":"ALLOW"},{"address":"::/0","type":"DENY"}],
  "peers":[{"id":"a","address":"10.1.0.1:8080","weight":2,"backup":false,"drain":true},
           {"id":"b","address":"[fd00::b]:8080","backup":true}]}]})";

std::string textOf(const libra_snapshot_t* snapshot, bool keys = false) {
  char* text = libra_revision_text(snapshot, keys);
  std::string copy = text;
  ::free(text);
  return copy;
}

TEST(Revision, AStateReadsAsItWasWritten) {
  LibraZone zone;
  ASSERT_EQ(zone.apply(kWhole), "");
  const auto text = textOf(zone.current());
  for (const auto* part :
       {R"("revision":7)", R"("server":"http")", R"("address":"[fd00::1]:80")", R"("algorithm":"LEAST_CONNECTIONS")",
        R"("maxConnectionRate":5)", R"({"address":"::/0","type":"DENY"})", R"("drain":true)"})
    EXPECT_NE(text.find(part), std::string::npos) << part << " in " << text;

  LibraZone other;
  ASSERT_EQ(other.apply(text), "");
  EXPECT_EQ(textOf(other.current()), text);
}

TEST(Revision, TheSameAgainIsAcceptedOlderAndOtherOnesAreNot) {
  LibraZone zone;
  ASSERT_EQ(zone.apply(kWhole), "");
  const auto seq = libra_zone_seq(zone.get());
  EXPECT_EQ(zone.apply(kWhole), "");
  EXPECT_EQ(libra_zone_seq(zone.get()), seq);
  EXPECT_EQ(zone.apply(R"({"revision":7,"loadBalancers":[]})"), "409 revision 7 has another content");
  EXPECT_EQ(zone.apply(R"({"revision":6,"loadBalancers":[]})"), "409 revision 7 is applied already");
  EXPECT_EQ(zone.apply(R"({"revision":8,"loadBalancers":[]})"), "");
}

TEST(Revision, LoadBalancersAndPeersThatStayKeepTheirCountersAndHealth) {
  LibraZone zone;
  ASSERT_EQ(zone.applyWeb(R"("peers":[{"id":"a","address":"10.0.0.1:80"},{"id":"b","address":"10.0.0.2:80"}])"), "");
  const auto slot = zone.peer("web", "b")->slot;
  libra_slot(zone.get(), slot)->down = 1;

  ASSERT_EQ(zone.applyWeb(R"("peers":[{"id":"b","address":"10.0.0.2:80","weight":9}])"), "");
  EXPECT_EQ(zone.peer("web", "b")->slot, slot);
  EXPECT_EQ(libra_slot(zone.get(), slot)->down, 1U);

  ASSERT_EQ(zone.applyWeb(R"("peers":[{"id":"b","address":"10.0.0.3:80"}])"), "");  // another machine
  EXPECT_NE(zone.peer("web", "b")->slot, slot);
  EXPECT_EQ(libra_slot(zone.get(), zone.peer("web", "b")->slot)->down, 0U);
}

TEST(Revision, ASlotIsFreeWhenItsLastConnectionEnded) {
  LibraZone zone;
  ASSERT_EQ(zone.applyWeb(R"("peers":[{"id":"a","address":"10.0.0.1:80"}])"), "");
  const auto slot = zone.peer("web", "a")->slot;
  auto* cell = libra_cell(zone.get(), slot);
  libra_gauge(cell, 1);
  libra_count(&cell->total, 1);
  ASSERT_EQ(zone.applyWeb(R"("peers":[])"), "");
  ASSERT_EQ(zone.applyWeb(R"("peers":[{"id":"x","address":"10.0.0.9:80"}])"), "");
  EXPECT_NE(zone.peer("web", "x")->slot, slot);

  libra_gauge(cell, -1);
  ASSERT_EQ(zone.applyWeb(R"("peers":[])"), "");
  ASSERT_EQ(zone.applyWeb(R"("peers":[{"id":"y","address":"10.0.0.9:81"}])"), "");
  EXPECT_EQ(zone.peer("web", "y")->slot, slot);
  libra_cell_t sum;
  libra_sum(zone.get(), slot, &sum);
  EXPECT_EQ(sum.total, 0U);  // what was counted before is not its own
}

struct Refusal {
  const char* name;
  std::string state, reason;
};

std::string webWith(const std::string& members) {
  return R"({"revision":1,"loadBalancers":[{"id":"web",)" + members + "}]}";
}
std::string peerWith(const std::string& members) { return webWith(R"("peers":[{)" + members + "}]"); }

std::string many(int n, const std::function<std::string(int)>& element) {
  std::string list;
  for (int i = 0; i < n; ++i) list += (i ? "," : "") + element(i);
  return "[" + list + "]";
}

class Refused : public ::testing::TestWithParam<Refusal> {};

TEST_P(Refused, AndNothingChanges) {
  LibraZone zone;
  const auto answer = zone.apply(GetParam().state);
  EXPECT_EQ(answer.substr(0, GetParam().reason.size()), GetParam().reason);
  EXPECT_EQ(zone.current(), nullptr);
}

INSTANTIATE_TEST_SUITE_P(
    Hostile, Refused,
    ::testing::Values(
        Refusal{"Empty", "", "400 no JSON"}, Refusal{"Cut", kWhole.substr(0, 200), "400 no JSON"},
        Refusal{"Array", "[]", "400 an object is expected"}, Refusal{"Deep", std::string(100000, '['), "400 no JSON"},
        Refusal{"Nul", std::string("{\0}", 3), "400 no JSON"},
        Refusal{"TwiceAMember", R"({"revision":1,"revision":2})", "400 no JSON"},
        Refusal{"UnknownMember", R"({"revision":1,"loadBalancers":[],"x":1})", "400 x: unknown member"},
        Refusal{"NoLbs", R"({"revision":1})", "400 loadBalancers: is missing"},
        Refusal{"NoRevision", R"({"loadBalancers":[]})", "400 revision: a number"},
        Refusal{"NegativeRevision", R"({"revision":-1,"loadBalancers":[]})", "400 revision: a number"},
        Refusal{"LbIsNull", R"({"revision":1,"loadBalancers":[null]})", "400 loadBalancers[0]: an object"},
        Refusal{"LbWithoutId", R"({"revision":1,"loadBalancers":[{}]})", "400 loadBalancers[0].id: is missing"},
        Refusal{"LbTwice", R"({"revision":1,"loadBalancers":[{"id":"a"},{"id":"a"}]})", "400 loadBalancers[1].id: is"},
        Refusal{"LongId", R"({"revision":1,"loadBalancers":[{"id":")" + std::string(64, 'x') + "\"}]}",
                "400 loadBalancers[0].id: is empty, too long"},
        Refusal{"NulInId", "{\"revision\":1,\"loadBalancers\":[{\"id\":\"a\\u0000b\"}]}", "400 "},
        Refusal{"NewlineInId", R"({"revision":1,"loadBalancers":[{"id":"a\nb"}]})", "400 loadBalancers[0].id: is"},
        Refusal{"UnknownAlgorithm", webWith(R"("algorithm":"BEST")"), "400 loadBalancers[0].algorithm: is none"},
        Refusal{"AlgorithmIsANumber", webWith(R"("algorithm":1)"), "400 loadBalancers[0].algorithm: is none"},
        Refusal{"PeersIsAString", webWith(R"("peers":"a")"), "400 loadBalancers[0].peers: an array"},
        Refusal{"ListenWithoutServer", webWith(R"("listen":[{"address":"10.0.0.1:80"}])"),
                "400 loadBalancers[0].server: is missing"},
        Refusal{"ListenTwice", webWith(R"("server":"h","listen":[{"address":"[::1]:80"},{"address":"[0::1]:80"}])"),
                "400 loadBalancers[0].listen[1].address: is listened on twice"},
        Refusal{"DescriptorTooLarge",
                webWith(R"("server":"h","listen":[{"address":"10.0.0.1:80","descriptor":99999999999}])"),
                "400 loadBalancers[0].listen[0].descriptor: a number"},
        Refusal{"RuleWithoutType", webWith(R"("accessList":[{"address":"10.0.0.1"}])"),
                "400 loadBalancers[0].accessList[0].type: is missing"},
        Refusal{"RuleOfNoNetwork", webWith(R"("accessList":[{"address":"10.0.0.0/33","type":"DENY"}])"),
                "400 loadBalancers[0].accessList[0].address: no"},
        Refusal{"ThrottleUnknown", webWith(R"("throttle":{"max":1})"), "400 loadBalancers[0].throttle.max: unknown"},
        Refusal{"ThrottleZeroInterval", webWith(R"("throttle":{"rateInterval":0})"),
                "400 loadBalancers[0].throttle.rateInterval: a number from 1 to 3600"},
        Refusal{"PeerPort0", peerWith(R"("id":"a","address":"10.0.0.1:0")"),
                "400 loadBalancers[0].peers[0].address: no address:port"},
        Refusal{"PeerName", peerWith(R"("id":"a","address":"host:80")"), "400 loadBalancers[0].peers[0].address: no"},
        Refusal{"PeerWeight0", peerWith(R"("id":"a","address":"10.0.0.1:80","weight":0)"),
                "400 loadBalancers[0].peers[0].weight: a number from 1 to 256"},
        Refusal{"PeerDrainText", peerWith(R"("id":"a","address":"10.0.0.1:80","drain":"no")"),
                "400 loadBalancers[0].peers[0].drain: true or false"},
        Refusal{"TooManyLbs",
                R"({"revision":1,"loadBalancers":)" +
                    many(129, [](int i) { return "{\"id\":\"" + std::to_string(i) + "\"}"; }) + "}",
                "507 129 load balancers, at most 128 fit"},
        Refusal{"TooManyPeers", webWith(R"("peers":)" + many(4097, [](int) { return "{}"; })),
                "507 4097 peers, at most 4096 fit"},
        Refusal{"TooManyListeners", webWith(R"("listen":)" + many(241, [](int) { return "{}"; })), "507 241 listeners"},
        Refusal{"TooManyRules", webWith(R"("accessList":)" + many(8193, [](int) { return "{}"; })), "507 8193 access"}),
    [](const auto& test) { return test.param.name; });

TEST(Revision, AStateAtTheCeilingFits) {
  LibraZone zone;
  EXPECT_EQ(zone.applyWeb(R"("peers":)" + many(4096,
                                               [](int i) {
                                                 return R"({"id":")" + std::to_string(i) + R"(","address":"10.0.)" +
                                                        std::to_string(i / 256) + "." + std::to_string(i % 256) +
                                                        R"(:80","weight":)" + std::to_string(1 + i % 256) + "}";
                                               })),
            "");
  EXPECT_EQ(zone.current()->npeers, 4096U);
}

TEST(Health, IsTakenInWholeOrNotAtAll) {
  LibraZone zone;
  ASSERT_EQ(zone.applyWeb(R"("peers":[{"id":"a","address":"10.0.0.1:80"}])"), "");
  const auto push = [&](const std::string& text) {
    libra_error_t error;
    return libra_health_read(zone.get(), text.data(), text.size(), &error) == 0 ? 0 : error.status;
  };
  const auto& slot = *libra_slot(zone.get(), zone.peer("web", "a")->slot);
  EXPECT_EQ(push(R"({"health":[{"loadBalancer":"web","peer":"a","up":false},
                               {"loadBalancer":"web","peer":"b","up":false}]})"),
            404);
  EXPECT_EQ(slot.down, 0U);
  EXPECT_EQ(push(R"({"health":[{"loadBalancer":"web","peer":"a","up":false}]})"), 0);
  EXPECT_EQ(slot.down, 1U);
  EXPECT_EQ(push(R"({"health":[{"loadBalancer":"web","peer":"a","up":1}]})"), 400);
  EXPECT_EQ(push(R"({"health":{}})"), 400);
  EXPECT_EQ(push("x"), 400);
}

}  // namespace
}  // namespace libra::test
