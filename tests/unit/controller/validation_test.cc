#include "controller/service/validation.h"

#include <gtest/gtest.h>

#include "tests/support/builders.h"
#include "tests/support/said.h"

namespace libra::service {
namespace {

using namespace libra::model;
using namespace libra::test;

const std::vector<NetRange> kInside = {*NetRange::parse("10.20.0.0/16"), *NetRange::parse("10.30.0.0/16")};
const std::vector<PortRule> kPorts = {
    {Protocol::Http, 80}, {Protocol::Tcp, 443}, {Protocol::Tcp, 3306}, {Protocol::Galera, 3306}};

struct NewCase {
  const char* what;
  LoadBalancerRequest request;
  const char* text;
};

// Checks 3-12 of spec 1.6.6; where two are broken the earlier one speaks.
TEST(Validation, OfANewLoadBalancerFollowsTheSpecsOrder) {
  const NewCase cases[] = {
      {"the smallest is fine", aRequest(), ""},
      {"an empty name is fine", aRequest().named(""), ""},
      {"all nodes may be disabled", aRequest().withNodes({disabled(aNode())}), ""},
      {"no nodes", aRequest().withNodes({}).withOptions(-1, {}), "At least one backend node needs to be supplied"},
      {"port 0", aRequest().withNodes({aNode("nonsense", 0)}), "Node nonsense port number 0 is invalid"},
      {"port too high", aRequest().withNodes({aNode("10.20.0.1", 70000)}),
       "Node 10.20.0.1 port number 70000 is invalid"},
      {"port negative", aRequest().withNodes({aNode("10.20.0.1", -1)}), "Node 10.20.0.1 port number -1 is invalid"},
      {"outside the filters", aRequest().withNodes({weighing(0, aNode("10.40.0.1"))}),
       "IP Address 10.40.0.1 is not allowed as a backend node"},
      {"inside the second filter", aRequest().withNodes({aNode("10.30.9.9")}), ""},
      {"no address", aRequest().withNodes({weighing(0, aNode("www.example.com"))}),
       "IP Address www.example.com not valid"},
      {"an empty address", aRequest().withNodes({aNode("")}), "IP Address  not valid"},
      {"IPv6", aRequest().withNodes({aNode("fd00::1")}), "IP Address fd00::1 not valid"},
      {"leading zeros", aRequest().withNodes({aNode("10.20.0.011")}), "IP Address 10.20.0.011 not valid"},
      {"weight 0", aRequest().withNodes({weighing(0)}), "Node weight must be between 1 and 256"},
      {"weight 257", aRequest().withNodes({weighing(257)}), "Node weight must be between 1 and 256"},
      {"weight 256", aRequest().withNodes({weighing(256)}), ""},
      {"a node is judged whole before the next", aRequest().withNodes({weighing(0), aNode("10.20.0.1", 0)}),
       "Node weight must be between 1 and 256"},
      {"timeout negative", aRequest().withOptions(-1, -1), "timeout must be between 0 and 1000000 ms"},
      {"timeout too long", aRequest().withOptions(1'000'001, {}), "timeout must be between 0 and 1000000 ms"},
      {"retries", aRequest().on("GALERA").withNodes({backup(aNode())}).withOptions({}, 257),
       "retries must be between 0 and 256"},
      {"options at their limits", aRequest().withOptions(1'000'000, 256), ""},
      {"GALERA without a primary", aRequest().on("galera").withNodes({backup(aNode())}),
       "Galera load balancer must have exactly one primary node"},
      {"GALERA with two", aRequest().on("GALERA").withNodes({aNode(), aNode("10.20.0.12")}),
       "Galera load balancer must have exactly one primary node"},
      {"GALERA with one", aRequest().on("GALERA").withNodes({aNode(), backup(aNode())}), ""},
  };
  for (const auto& c : cases) EXPECT_EQ(said(checkNew(c.request, kInside)), c.text) << c.what;
}

TEST(Validation, WithoutFiltersAnyIpv4AddressIsFine) {
  const auto nodes = checkNodes({aNode("8.8.8.8", 65535)}, {});
  ASSERT_TRUE(nodes);
  EXPECT_EQ((*nodes)[0].address, *NetAddress::parse("8.8.8.8"));
  EXPECT_EQ((*nodes)[0].port, 65535);
}

TEST(Validation, NamesAreCountedInCharacters) {
  const Limits limits{.max_name_length = 4};
  EXPECT_EQ(said(checkName("äöüß", limits)), "");
  EXPECT_EQ(said(checkName("abcde", limits)), "Length of Load Balancer name too long");
}

TEST(Validation, TooManyNodesAreOverTheLimit) {
  EXPECT_TRUE(checkNodeCount(50, {}));
  const auto refused = checkNodeCount(51, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::OverLimit);
  EXPECT_EQ(refused.error().message, "Too many backend nodes supplied (limit is 50)");
}

TEST(Validation, OfProtocolAndPortFollowsTheEnabledRows) {
  struct Case {
    LoadBalancerRequest request;
    const char* text;
    PortRule rule;
  };
  const Case cases[] = {
      {aRequest().on(""), "", {Protocol::Http, 80}},
      {aRequest().on("http"), "", {Protocol::Http, 80}},
      {aRequest().on("Tcp"), "", {Protocol::Tcp, 443}},
      {aRequest().on("GALERA", 0), "", {Protocol::Galera, 3306}},
      {aRequest().on("TCP", 3306), "", {Protocol::Tcp, 3306}},
      {aRequest().on("udp", -5), "Invalid protocol udp", {}},
      {aRequest().on("HTTP", -1), "Port number -1 is invalid", {}},
      {aRequest().on("HTTP", 65536), "Port number 65536 is invalid", {}},
      {aRequest().on("http", 8080), "Port number 8080 is not allowed for HTTP protocol", {}},
      {aRequest().on("HTTP", 443), "Port number 443 is not allowed for HTTP protocol", {}},
  };
  for (const auto& c : cases) {
    const auto rule = checkListener(c.request, kPorts);
    EXPECT_EQ(said(rule), c.text);
    if (!rule) continue;
    EXPECT_EQ(rule->protocol, c.rule.protocol);
    EXPECT_EQ(rule->port, c.rule.port);
  }
  EXPECT_TRUE(checkListener(aRequest().on("TCP"), {})) << "the default port needs no row";
}

LoadBalancer neighbour(Protocol protocol, std::uint16_t port, LbStatus status = LbStatus::Active) {
  LoadBalancer lb;
  lb.protocol = protocol;
  lb.port = port;
  lb.status = status;
  return lb;
}

TEST(Validation, OfASharedDeviceLooksAtEveryNeighbour) {
  const PortRule tcp{Protocol::Tcp, 443}, http{Protocol::Http, 80};
  EXPECT_EQ(said(checkNeighbours(tcp, {neighbour(Protocol::Http, 80)})), "");
  EXPECT_EQ(said(checkNeighbours(http, {neighbour(Protocol::Galera, 3306, LbStatus::Degraded)})), "");
  EXPECT_EQ(said(checkNeighbours(tcp, {neighbour(Protocol::Http, 443)})),
            "Only one load balancer per port allowed per device");
  EXPECT_EQ(said(checkNeighbours(tcp, {neighbour(Protocol::Galera, 3306)})),
            "Only one load balancer per protocol allowed per device");
  EXPECT_EQ(said(checkNeighbours(http, {neighbour(Protocol::Http, 8080)})),
            "Only one load balancer per protocol allowed per device");

  const auto busy =
      checkNeighbours(tcp, {neighbour(Protocol::Http, 443), neighbour(Protocol::Tcp, 3306, LbStatus::PendingUpdate)});
  ASSERT_FALSE(busy);
  EXPECT_EQ(busy.error().code, ErrorCode::Immutable);
  EXPECT_EQ(busy.error().message, "Existing Load Balancer on VIP in a non-ACTIVE state, current state: PENDING_UPDATE");
}

TEST(Validation, StatesForbidChanges) {
  for (auto status : {LbStatus::Build, LbStatus::PendingUpdate, LbStatus::PendingDelete, LbStatus::Rebuilding}) {
    const auto lb = neighbour(Protocol::Http, 80, status);
    EXPECT_EQ(said(checkMutable(lb)),
              "Cannot modify a Load Balancer in a non-ACTIVE state, current state: " + std::string(name(status)));
    EXPECT_EQ(said(checkDeletable(lb)),
              "Cannot delete a Load Balancer in a non-ACTIVE state, current state: " + std::string(name(status)));
  }
  const auto failed = neighbour(Protocol::Http, 80, LbStatus::Error);
  EXPECT_EQ(said(checkMutable(failed)), "Cannot modify a Load Balancer in a non-ACTIVE state, current state: ERROR");
  EXPECT_TRUE(checkDeletable(failed));
}

LoadBalancer withNodes(Protocol protocol, std::vector<Node> nodes) {
  auto lb = neighbour(protocol, 80);
  lb.nodes = std::move(nodes);
  return lb;
}

Node nodeRow(std::int64_t id, bool enabled, bool is_backup = false) {
  Node node;
  node.id = id;
  node.enabled = enabled;
  node.backup = is_backup;
  return node;
}

TEST(Validation, TheLastEnabledNodeStays) {
  const auto on = nodeRow(1, true), off = nodeRow(2, false);
  const auto lb = withNodes(Protocol::Http, {on, off});
  EXPECT_EQ(said(checkDisable(lb, on)), "Cannot disable the last enabled node");
  EXPECT_EQ(said(checkDisable(lb, off)), "") << "it is disabled already";
  EXPECT_EQ(said(checkRemove(lb, on)), "Cannot delete the last enabled node in a load balancer");
  EXPECT_EQ(said(checkRemove(lb, off)), "");
  const auto two = withNodes(Protocol::Http, {on, nodeRow(3, true)});
  EXPECT_EQ(said(checkDisable(two, on)), "");
  EXPECT_EQ(said(checkRemove(two, on)), "");
}

TEST(Validation, AGaleraLoadBalancerKeepsItsOnePrimary) {
  const auto primary = nodeRow(1, true), spare = nodeRow(2, true, true);
  const auto lb = withNodes(Protocol::Galera, {primary, spare});
  EXPECT_EQ(said(checkRemove(lb, primary)), "Cannot delete the primary node in a Galera load balancer");
  EXPECT_EQ(said(checkRemove(lb, spare)), "");

  const auto more = *checkNodes({backup(aNode()), aNode()}, {});
  EXPECT_EQ(said(checkAddedNodes(lb, more, {})), "Galera load balancer may have only one primary node");
  EXPECT_EQ(said(checkAddedNodes(lb, {more[0]}, {})), "");
  EXPECT_EQ(said(checkAddedNodes(lb, more, {.max_nodes_per_load_balancer = 3})),
            "Command would exceed Load Balancer node limit");
}

TEST(Validation, OfAMonitorFollowsTheSpecsOrder) {
  struct Case {
    MonitorRequest request;
    const char* text;
  };
  const auto kConnect = MonitorType::Connect, kHttp = MonitorType::Http;
  const char* kMissing = "Missing field(s): type, delay, timeout, and attemptsBeforeDeactivation are required";
  const Case cases[] = {
      {{kConnect, 30, 30, 2, {}}, ""},
      {{kConnect, 1, 1, 1, {}}, ""},
      {{kConnect, 3600, 3600, 10, {}}, ""},
      {{{}, 30, 30, 2, {}}, kMissing},
      {{kConnect, {}, 30, 2, {}}, kMissing},
      {{kConnect, 30, {}, 2, {}}, kMissing},
      {{kConnect, 30, 30, {}, "x"}, kMissing},
      {{kConnect, 0, 0, 0, "/"}, "Path argument is invalid with CONNECT type"},
      {{kHttp, 0, 0, 0, "x"}, "Path must begin with leading /"},
      {{kHttp, 0, 0, 0, ""}, "Path must begin with leading /"},
      {{kHttp, 0, 0, 0, "/" + std::string(2000, 'x')}, "Path must be less than 2000 characters"},
      {{kHttp, 30, 30, 2, "/" + std::string(1999, 'x')}, ""},
      {{kHttp, 30, 30, 2, "/" + std::string(700, ' ')}, "Path must be less than 2000 characters"},
      {{kHttp, 0, 0, 0, {}}, "Path argument is required"},
      {{kConnect, 0, 0, 0, {}}, "timeout must be between 1 and 3600 seconds"},
      {{kConnect, 0, 3601, 0, {}}, "timeout must be between 1 and 3600 seconds"},
      {{kConnect, 0, 5, 0, {}}, "delay must be between 1 and 3600 seconds"},
      {{kConnect, 3601, 5, 0, {}}, "delay must be between 1 and 3600 seconds"},
      {{kConnect, 5, 6, 0, {}}, "timeout cannot be greater than delay"},
      {{kConnect, 5, 5, 0, {}}, "attemptsBeforeDeactivation must be between 1 and 10"},
      {{kConnect, 5, 5, 11, {}}, "attemptsBeforeDeactivation must be between 1 and 10"},
  };
  for (const auto& c : cases) EXPECT_EQ(said(checkMonitor(c.request)), c.text);
}

TEST(Validation, PathsArePercentEncoded) {
  EXPECT_EQ(encodePath("/a-Z_0.9~+*,;:!$'[]()?&=#%"), "/a-Z_0.9~+*,;:!$'[]()?&=#%");
  EXPECT_EQ(encodePath("/a b\"<>\\^`{|}@\n"), "/a%20b%22%3C%3E%5C%5E%60%7B%7C%7D%40%0A");
  EXPECT_EQ(encodePath("/ä"), "/%C3%A4");
}

}  // namespace
}  // namespace libra::service
