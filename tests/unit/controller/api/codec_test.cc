#include "controller/api/codec.h"

#include <gtest/gtest.h>

#include "lib/json/value.h"

namespace libra::api::codec {
namespace {

using namespace std::chrono_literals;

std::string missing(const std::string& name) {
  return "Invalid input for field/attribute " + name + ". Value: 'None'. Mandatory field missing.";
}

template <typename T>
std::string faultOf(const Result<T>& result) {
  return result ? "" : result.error().message;
}

// ---- bodies in

TEST(ReadLoadBalancer, GivesEveryMember) {
  const auto read = readLoadBalancer(R"({"name":"web","protocol":"tcp","port":"443","algorithm":"LEAST_CONNECTIONS",
    "options":{"timeout":1000,"retries":"5"},"virtualIps":[{"id":"14"},{"id":15}],
    "nodes":[{"address":"10.0.0.1","port":80,"condition":"DISABLED","weight":"7","backup":"TRUE"},
             {"address":"10.0.0.2","port":"81"}]})");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->name, "web");
  EXPECT_EQ(read->protocol, "tcp");
  EXPECT_EQ(read->port, 443);
  EXPECT_EQ(read->algorithm, Algorithm::LeastConnections);
  EXPECT_EQ(read->options.timeout, 1000);
  EXPECT_EQ(read->options.retries, 5);
  EXPECT_EQ(read->virtual_ip, 14);
  ASSERT_EQ(read->nodes.size(), 2u);
  EXPECT_EQ(read->nodes[0].address, "10.0.0.1");
  EXPECT_EQ(read->nodes[0].port, 80);
  EXPECT_FALSE(read->nodes[0].enabled);
  EXPECT_EQ(read->nodes[0].weight, 7);
  EXPECT_TRUE(read->nodes[0].backup);
  EXPECT_EQ(read->nodes[1].port, 81);
}

TEST(ReadLoadBalancer, KnowsTheDefaults) {
  const auto read = readLoadBalancer(R"({"name":"","nodes":[{"address":"10.0.0.1","port":80}],"virtualIps":[]})");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->protocol, "");
  EXPECT_EQ(read->port, std::nullopt);
  EXPECT_EQ(read->algorithm, Algorithm::RoundRobin);
  EXPECT_EQ(read->options.timeout, std::nullopt);
  EXPECT_EQ(read->options.retries, std::nullopt);
  EXPECT_EQ(read->virtual_ip, std::nullopt);
  EXPECT_TRUE(read->nodes[0].enabled);
  EXPECT_EQ(read->nodes[0].weight, 1);
  EXPECT_FALSE(read->nodes[0].backup);
}

TEST(ReadLoadBalancer, NamesTheMemberThatIsMissing) {
  EXPECT_EQ(faultOf(readLoadBalancer("{}")), missing("name"));
  EXPECT_EQ(faultOf(readLoadBalancer(R"({"name":null,"nodes":[]})")), missing("name"));
  EXPECT_EQ(faultOf(readLoadBalancer(R"({"name":"a"})")), missing("nodes"));
  EXPECT_EQ(faultOf(readLoadBalancer(R"({"name":"a","nodes":null})")), missing("nodes"));
  EXPECT_EQ(faultOf(readLoadBalancer(R"({"name":"a","nodes":[{"port":80}]})")), missing("address"));
  EXPECT_EQ(faultOf(readLoadBalancer(R"({"name":"a","nodes":[{"address":"10.0.0.1"}]})")), missing("port"));
  EXPECT_EQ(faultOf(readLoadBalancer(R"({"name":"a","nodes":[],"virtualIps":[{}]})")), missing("id"));
}

TEST(ReadLoadBalancer, KnowsTheWordsOfEachEnum) {
  EXPECT_EQ(faultOf(readLoadBalancer(R"({"name":"a","nodes":[],"algorithm":"RANDOM"})")),
            "Invalid input for field/attribute algorithm. Value: 'RANDOM'. Value should be one of: ROUND_ROBIN, "
            "LEAST_CONNECTIONS");
  EXPECT_EQ(
      faultOf(readLoadBalancer(R"({"name":"a","nodes":[{"address":"a","port":1,"condition":"DRAINING"}]})")),
      "Invalid input for field/attribute condition. Value: 'DRAINING'. Value should be one of: ENABLED, DISABLED");
  EXPECT_EQ(faultOf(readLoadBalancer(R"({"name":"a","nodes":[{"address":"a","port":1,"backup":"yes"}]})")),
            "Invalid input for field/attribute backup. Value: 'yes'. Value should be one of: TRUE, FALSE");
}

TEST(ReadLoadBalancerChange, GivesWhatIsThere) {
  const auto all = readLoadBalancerChange(
      R"({"name":"b","algorithm":"ROUND_ROBIN","options":{"retries":0},"port":"ignored","nodes":5})");
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_EQ(all->name, "b");
  EXPECT_EQ(all->algorithm, Algorithm::RoundRobin);
  EXPECT_EQ(all->options.timeout, std::nullopt);
  EXPECT_EQ(all->options.retries, 0);
  const auto none = readLoadBalancerChange("{}");
  ASSERT_TRUE(none);
  EXPECT_EQ(none->name, std::nullopt);
  EXPECT_EQ(none->algorithm, std::nullopt);
}

TEST(ReadNodes, DemandsTheList) {
  EXPECT_EQ(faultOf(readNodes("{}")), missing("nodes"));
  const auto read = readNodes(R"({"nodes":[]})");
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->empty());
}

TEST(ReadNodeChange, GivesWhatIsThere) {
  const auto change = readNodeChange(R"({"condition":"DISABLED","weight":"9","address":"ignored"})");
  ASSERT_TRUE(change);
  EXPECT_EQ(change->enabled, false);
  EXPECT_EQ(change->weight, 9);
  const auto none = readNodeChange("{}");
  ASSERT_TRUE(none);
  EXPECT_EQ(none->enabled, std::nullopt);
  EXPECT_EQ(none->weight, std::nullopt);
}

TEST(ReadMonitor, LeavesAbsentMembersToTheRules) {
  const auto read =
      readMonitor(R"({"type":"HTTP","delay":"30","timeout":10,"attemptsBeforeDeactivation":2,"path":"/ü"})");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->type, MonitorType::Http);
  EXPECT_EQ(read->delay, 30);
  EXPECT_EQ(read->timeout, 10);
  EXPECT_EQ(read->attempts, 2);
  EXPECT_EQ(read->path, "/ü");
  const auto none = readMonitor("{}");
  ASSERT_TRUE(none);
  EXPECT_EQ(none->type, std::nullopt);
  EXPECT_EQ(faultOf(readMonitor(R"({"type":"HTTPS"})")),
            "Invalid input for field/attribute type. Value: 'HTTPS'. Value should be one of: CONNECT, HTTP");
}

TEST(ReadLogArchive, TakesNothingForAnEmptyObject) {
  for (const char* body : {"", "null", "{}", R"({"objectStoreType":"Swift","authToken":"t"})"})
    EXPECT_EQ(faultOf(readLogArchive(body)), "") << body;
  EXPECT_EQ(faultOf(readLogArchive(R"({"objectStoreType":"swift"})")),
            "Invalid input for field/attribute objectStoreType. Value: 'swift'. Value should be one of: Swift");
  EXPECT_EQ(faultOf(readLogArchive("[]")), "Request body must be a JSON object");
}

// ---- bodies out

model::Node node(std::int64_t id, int weight) {
  model::Node node;
  node.id = id;
  node.address = *NetAddress::parse("10.20.0.11");
  node.port = 80;
  node.weight = weight;
  return node;
}

model::LoadBalancer web() {
  model::LoadBalancer lb;
  lb.id = 88;
  lb.name = "web";
  lb.created = lb.updated = Time{1398938400s};
  lb.node_count = 1;
  lb.nodes = {node(501, 2)};
  return lb;
}

model::VirtualIp vip(const char* address) {
  model::VirtualIp vip;
  vip.id = 14;
  vip.address = *NetAddress::parse(address);
  return vip;
}

// Member order does not count.
void expectJson(const std::string& written, const std::string& wanted) {
  const auto a = json::parse(written);
  const auto b = json::parse(wanted);
  ASSERT_TRUE(a) << written;
  ASSERT_TRUE(b) << wanted;
  EXPECT_TRUE(json_equal(a->raw(), b->raw())) << written << "\nwant\n" << wanted;
}

TEST(WriteLoadBalancer, CreatedShowsNumbersAsStringsAndAVipOfItsOwnAsAssigning) {
  auto lb = web();
  const std::string rest = R"("nodes":[{"id":"501","address":"10.20.0.11","port":"80","condition":"ENABLED",
    "status":"ONLINE","weight":"2"}],"options":{"timeout":30000,"retries":3}})";
  const std::string head = R"({"id":"88","name":"web","protocol":"HTTP","port":"80","algorithm":"ROUND_ROBIN",
    "status":"BUILD","created":"2014-05-01T10:00:00","updated":"2014-05-01T10:00:00","virtualIps":)";
  const std::string assigning = R"([{"id":null,"address":null,"type":"ASSIGNING","ipVersion":"IPV4"}],)";
  expectJson(writeCreated(lb, false), head + assigning + rest);
  lb.virtual_ip = vip("15.1.2.3");
  expectJson(writeCreated(lb, false), head + assigning + rest);
  expectJson(writeCreated(lb, true),
             head + R"([{"id":"14","address":"15.1.2.3","type":"PUBLIC","ipVersion":"IPV4"}],)" + rest);
}

TEST(WriteLoadBalancer, DetailShowsPortAndVipIdAsIntegersButNodesAsStrings) {
  auto lb = web();
  lb.status = model::LbStatus::Rebuilding;
  lb.status_description = "why";
  lb.options.timeout = 0;
  lb.options.retries = 0;
  lb.virtual_ip = vip("15.1.2.3");
  expectJson(writeDetail(lb), R"json({"id":"88","name":"web","protocol":"HTTP","port":80,"algorithm":"ROUND_ROBIN",
    "status":"ERROR(REBUILDING)","created":"2014-05-01T10:00:00","updated":"2014-05-01T10:00:00","nodeCount":1,
    "statusDescription":"why","virtualIps":[{"id":14,"address":"15.1.2.3","type":"PUBLIC","ipVersion":"IPV4"}],
    "nodes":[{"id":"501","address":"10.20.0.11","port":"80","condition":"ENABLED","status":"ONLINE","weight":2}],
    "options":{"timeout":0,"retries":0}})json");
}

TEST(WriteLoadBalancer, DetailWithoutVipIsAssigning) {
  const auto written = json::parse(writeDetail(web()));
  ASSERT_TRUE(written);
  EXPECT_EQ(json::dump((*written)["virtualIps"]),
            R"([{"id":null,"address":null,"type":"ASSIGNING","ipVersion":"IPV4"}])");
  EXPECT_FALSE((*written)["ip"]);
}

TEST(WriteLoadBalancer, ListShowsCountAndOptions) {
  expectJson(writeList({web()}), R"({"loadBalancers":[{"id":"88","name":"web","protocol":"HTTP","port":80,
    "algorithm":"ROUND_ROBIN","status":"BUILD","created":"2014-05-01T10:00:00","updated":"2014-05-01T10:00:00",
    "nodeCount":1,"options":{"timeout":30000,"retries":3}}]})");
  expectJson(writeList({}), R"({"loadBalancers":[]})");
}

TEST(WriteNodes, ShowNumbersAsIntegersAndWeightOnlyWhenNotOne) {
  auto off = node(502, 1);
  off.enabled = false;
  off.status = model::NodeStatus::Offline;
  expectJson(
      writeNodes({node(501, 2), off}),
      R"({"nodes":[{"id":501,"address":"10.20.0.11","port":80,"status":"ONLINE","condition":"ENABLED","weight":2},
                          {"id":502,"address":"10.20.0.11","port":80,"status":"OFFLINE","condition":"DISABLED"}]})");
  expectJson(writeNode(node(501, 1)),
             R"({"id":501,"address":"10.20.0.11","port":80,"status":"ONLINE","condition":"ENABLED"})");
}

TEST(WriteMonitor, ShowsNumbersAsIntegersAndAsStringsOnceAccepted) {
  model::HealthMonitor monitor;
  expectJson(writeMonitor(monitor), R"({"type":"CONNECT","delay":30,"timeout":30,"attemptsBeforeDeactivation":2})");
  monitor = {MonitorType::Http, 20, 10, 3, "/health"};
  expectJson(writeMonitorAccepted(monitor), R"({"type":"HTTP","delay":"20","timeout":"10",
    "attemptsBeforeDeactivation":"3","path":"/health"})");
}

TEST(WriteVirtualIps, ShowIntegersAndTheVersionOfTheAddress) {
  expectJson(writeVirtualIps(vip("15.1.2.3")),
             R"({"virtualIps":[{"id":14,"address":"15.1.2.3","type":"PUBLIC","ipVersion":"IPV4"}]})");
  expectJson(writeVirtualIps(vip("fd77::9")),
             R"({"virtualIps":[{"id":14,"address":"fd77::9","type":"PUBLIC","ipVersion":"IPV6"}]})");
}

TEST(WriteOffer, ListsLimitsProtocolsAndAlgorithms) {
  expectJson(writeLimits({}), R"({"limits":{"absolute":{"values":{"maxLoadBalancerNameLength":128,
    "maxVIPsPerLoadBalancer":1,"maxNodesPerLoadBalancer":50,"maxLoadBalancers":20}}}})");
  expectJson(writeProtocols({{Protocol::Http, 80}, {Protocol::Tcp, 443}, {Protocol::Tcp, 3306}}),
             R"({"protocols":[{"name":"HTTP","port":80},{"name":"TCP","port":443},{"name":"TCP","port":3306}]})");
  expectJson(writeAlgorithms(), R"({"algorithms":[{"name":"ROUND_ROBIN"},{"name":"LEAST_CONNECTIONS"}]})");
}

TEST(WriteLoadBalancer, TextComesBackAsItWasGiven) {
  auto lb = web();
  lb.name = "\"q\" \\ \n \x7f ünïcode 😀 </script>";
  const auto written = json::parse(writeDetail(lb));
  ASSERT_TRUE(written);
  EXPECT_EQ((*written)["name"].text(), lb.name);
}

TEST(Timestamp, IsUtcWithoutZone) {
  EXPECT_EQ(timestamp(Time{}), "1970-01-01T00:00:00");
  EXPECT_EQ(timestamp(Time{1398938400s + 999ms}), "2014-05-01T10:00:00");
  EXPECT_EQ(timestamp(Time{-1ms}), "1969-12-31T23:59:59");
}

}  // namespace
}  // namespace libra::api::codec
