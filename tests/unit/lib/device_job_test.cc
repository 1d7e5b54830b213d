#include "lib/protocol/device_job.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lib/protocol/device_answer.h"
#include "tests/support/random_state.h"

namespace libra::protocol {
namespace {

ReadUpdate read(const std::string& text) { return readUpdate(*json::parse(text)); }

// A sound message with the given load balancer, node or top-level members changed.
std::string message(const std::string& lb, const std::string& top = "") {
  return R"({"hpcs_action":"UPDATE",)" + top + R"("loadBalancers":[{)" + lb + "}]}";
}
std::string withNode(const std::string& node, const std::string& protocol = "HTTP", const std::string& top = "") {
  return message(R"("protocol":")" + protocol + R"(","port":80,"nodes":[{)" + node + "}]", top);
}

std::string outcome(const ReadUpdate& read) {
  if (const auto* bad = std::get_if<BadRequest>(&read)) return "bad: " + bad->message;
  if (const auto* no = std::get_if<Refused>(&read)) return "refused: " + no->error;
  return "ok";
}

const std::string kNode = R"("id":501,"address":"10.20.0.11","port":80)";
const std::string kSound = R"("protocol":"HTTP","nodes":[{)" + kNode + "}]";
const std::string kOurs = R"("generation":7,)";

TEST(Update, EveryStateSurvivesTheWireAndTheDisk) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  test::RandomState random(seed);
  for (int i = 0; i < 300; ++i) {
    const auto state = i % 3 ? random.device() : random.ancestorsDevice();
    const auto stored = readStateFile(json::dump(writeStateFile(state)));
    ASSERT_TRUE(stored) << stored.error().detail;
    ASSERT_EQ(*stored, state);

    const auto sent = read(json::dump(writeUpdate(state), true));
    ASSERT_EQ(outcome(sent), "ok");
    auto expected = state;
    expected.suspended = false;
    ASSERT_EQ(std::get<DeviceState>(sent), expected);
  }
}

TEST(Update, TheSpecsExampleIsUnderstood) {
  const auto read_state = std::get<DeviceState>(read(R"({"hpcs_action": "UPDATE", "loadBalancers": [
    {"name": "web", "protocol": "HTTP", "algorithm": "ROUND_ROBIN", "port": 80,
     "options": {"client_timeout": 30000, "server_timeout": 30000, "connect_timeout": 30000, "connect_retries": 3},
     "monitor": {"type": "HTTP", "delay": 30, "timeout": 10, "attempts": 2, "path": "/health"},
     "nodes": [{"id": 501, "address": "10.20.0.11", "port": 80, "weight": 1, "condition": "ENABLED", "backup": "FALSE"}]}]})"));
  LoadBalancerState lb;
  lb.name = "web";
  lb.monitor = {MonitorType::Http, std::chrono::seconds(30), std::chrono::seconds(10), 2, "/health"};
  lb.nodes = {{.id = "501", .address = *NetAddress::parse("10.20.0.11"), .port = 80}};
  DeviceState expected;
  expected.load_balancers = {lb};
  EXPECT_EQ(read_state, expected);
}

struct Case {
  const char* what;
  std::string message;
  std::string outcome;
};

TEST(Update, WhatIsWrongIsAnsweredInTheSpecsOrderAndWords) {
  const Case cases[] = {
      {"no load balancers", R"({"hpcs_action":"UPDATE"})", "bad: Missing 'loadBalancers' element"},
      {"load balancers of another type", R"({"loadBalancers":7})", "refused: "},
      {"load balancer that is no object", R"({"loadBalancers":[7]})", "refused: "},
      {"nodes before protocol", message(R"("port":80)"), "bad: Missing 'nodes' element"},
      {"nodes of another type", message(R"("nodes":{})"), "refused: "},
      {"protocol before port", message(R"("nodes":[],"port":"x")"), "bad: Missing required 'protocol' value."},
      {"unknown protocol", message(R"("nodes":[],"protocol":"UDP")"), "refused: "},
      {"protocol of another type", message(R"("nodes":[],"protocol":1)"), "refused: "},
      {"protocol in any case", message(R"("nodes":[],"protocol":"hTTp")"), "ok"},
      {"same protocol twice", R"({"loadBalancers":[{)" + kSound + R"(},{"protocol":"http","port":81,"nodes":[]}]})",
       "refused: "},
      {"TCP without port", message(R"("nodes":[],"protocol":"TCP")"), "refused: "},
      {"port as text", message(R"("nodes":[],"protocol":"TCP","port":"443")"), "ok"},
      {"port out of range", message(R"("nodes":[],"protocol":"TCP","port":65536)"), "refused: "},
      {"negative port", message(R"("nodes":[],"protocol":"TCP","port":-1)"), "refused: "},
      {"port before algorithm and node", message(R"("nodes":[{}],"protocol":"TCP","algorithm":"x")"), "refused: "},
      {"unknown algorithm", message(R"("algorithm":"RANDOM",)" + kSound), "refused: "},
      {"an algorithm in an ancestor's message that it does not know",
       message(R"("algorithm":"WEIGHTED_ROUND_ROBIN",)" + kSound), "refused: "},
      {"algorithm in lower case", message(R"("algorithm":"round_robin",)" + kSound), "refused: "},
      {"algorithm before monitor", message(R"("algorithm":1,"monitor":{},)" + kSound), "refused: "},
      {"monitor without type", message(R"("monitor":{},)" + kSound), "bad: Missing monitor value 'type'"},
      {"monitor without delay", message(R"("monitor":{"type":"x"},)" + kSound), "bad: Missing monitor value 'delay'"},
      {"monitor without timeout", message(R"("monitor":{"type":"x","delay":1,"attempts":1},)" + kSound),
       "bad: Missing monitor value 'timeout'"},
      {"monitor without attempts", message(R"("monitor":{"type":"x","delay":1,"timeout":1},)" + kSound),
       "bad: Missing monitor value 'attempts'"},
      {"unknown monitor", message(R"("monitor":{"type":"PING","delay":1,"timeout":1,"attempts":1},)" + kSound),
       "refused: "},
      {"timeout over delay", message(R"("monitor":{"type":"CONNECT","delay":1,"timeout":"2","attempts":1},)" + kSound),
       "refused: "},
      {"monitor numbers as text",
       message(R"("monitor":{"type":"connect","delay":"2","timeout":"2","attempts":"1"},)" + kSound), "ok"},
      {"monitor is null", message(R"("monitor":null,)" + kSound), "refused: "},
      {"path with a line break",
       message(R"("monitor":{"type":"HTTP","delay":1,"timeout":1,"attempts":1,"path":"/a\nb"},)" + kSound),
       "refused: "},
      {"path with NUL",
       message(R"("monitor":{"type":"HTTP","delay":1,"timeout":1,"attempts":1,"path":"/a\u0000b"},)" + kSound),
       "refused: "},
      {"monitor before options", message(R"("options":7,"monitor":{},)" + kSound), "bad: Missing monitor value 'type'"},
      {"options of another type", message(R"("options":[],)" + kSound), "refused: "},
      {"negative timeout", message(R"("options":{"client_timeout":-1},)" + kSound), "refused: "},
      {"timeout no timer holds", message(R"("options":{"client_timeout":2147483648},)" + kSound), "refused: "},
      {"some options as text", message(R"("options":{"client_timeout":"0","connect_retries":null},)" + kSound), "ok"},
      {"no nodes", message(R"("nodes":[],"protocol":"HTTP")"), "ok"},
      {"node without port", withNode(R"("address":1)"), "bad: Missing node 'port'"},
      {"node without address", withNode(R"("port":"x")"), "bad: Missing node 'address'"},
      {"node without id", withNode(R"("port":"x","address":1)"), "bad: Missing node 'id'"},
      {"node with empty id", withNode(R"("id":"","address":"10.0.0.1","port":1)"), "bad: Missing node 'id'"},
      {"node that is no object", message(R"("protocol":"HTTP","nodes":[[]])"), "refused: "},
      {"node id that is a command", withNode(R"("id":"1 weight 0;","address":"10.0.0.1","port":1)"),
       "refused: Failure adding server 1 weight 0;: the id must be a number"},
      {"node with a host name", withNode(R"("id":5,"address":"db.example","port":1)"),
       "refused: Failure adding server 5: the address is not an IP address"},
      {"node port 0", withNode(R"("id":5,"address":"10.0.0.1","port":0)"),
       "refused: Failure adding server 5: the port must be a number from 1 to 65535"},
      {"weight as text", withNode(kNode + R"(,"weight":"256")"), "ok"},
      {"weight too high", withNode(kNode + R"(,"weight":257)"),
       "refused: Failure adding server 501: the weight must be a number from 1 to 256"},
      {"weight before backup", withNode(kNode + R"(,"weight":"x","backup":1)"),
       "refused: Failure adding server 501: the weight must be a number from 1 to 256"},
      {"backup of another type", withNode(kNode + R"(,"backup":true)"), "refused: "},
      {"backup in any case", withNode(kNode + R"(,"backup":"tRUE")"), "ok"},
      {"any other text is no backup", withNode(kNode + R"(,"backup":"perhaps")"), "ok"},
      {"second Galera primary", withNode(kNode + R"(},{"id":"502","address":"10.0.0.2","port":1)", "GALERA"),
       "refused: Failure adding server 502: a Galera load balancer has one primary node"},
      {"same node twice", withNode(kNode + "},{" + kNode), "refused: Failure adding server 501: the id is used twice"},
      {"an ancestor's condition is ignored", withNode(kNode + R"(,"condition":17)"), "ok"},
      {"unknown members", message(R"("x":{"y":[]},)" + kSound, R"("z":1,)"), "ok"},
  };
  for (const auto& c : cases) EXPECT_EQ(outcome(read(c.message)), c.outcome) << c.what;
}

TEST(Update, OurAdditionsAreCheckedWhenThereIsAGeneration) {
  const std::string lb = R"("id":"9",)" + kSound;
  const Case cases[] = {
      {"generation of zero", message(lb, R"("generation":0,)"), "refused: The generation must be a positive number"},
      {"generation of another type", message(lb, R"("generation":[],)"),
       "refused: The generation must be a positive number"},
      {"generation as text", message(lb, R"("generation":"12",)"), "ok"},
      {"no id", message(kSound, kOurs), "bad: Missing 'id' element"},
      {"id that is no number", message(R"("id":"a b",)" + kSound, kOurs),
       "refused: A load balancer's id must be a number"},
      {"same id twice", message(lb + R"(},{"id":9,"protocol":"TCP","port":81,"nodes":[])", kOurs),
       "refused: Load balancer 9 is given twice"},
      {"two of one protocol on two ports", message(lb + R"(},{"id":10,"protocol":"HTTP","port":81,"nodes":[])", kOurs),
       "ok"},
      {"two on one port and any address", message(lb + R"(},{"id":10,"protocol":"TCP","port":80,"nodes":[])", kOurs),
       "refused: Failure adding load balancer 10: its port is used by 9"},
      {"two on one port and different addresses",
       message(R"("addresses":["10.1.0.1"],)" + lb +
                   R"(},{"id":10,"protocol":"TCP","port":80,"nodes":[],"addresses":["10.1.0.2"])",
               kOurs),
       "ok"},
      {"address that is none", message(R"("addresses":["x"],)" + lb, kOurs),
       "refused: Failure adding load balancer 9: an address is not valid"},
      {"unknown condition", withNode(kNode + R"(,"condition":"draining")", R"(HTTP","id":"9)", kOurs),
       "refused: Failure adding server 501: the condition must be ENABLED, DISABLED or DRAINING"},
      {"persistence of another type", message(R"("sessionPersistence":7,)" + lb, kOurs),
       "refused: Failure adding load balancer 9: session persistence must be an object"},
      {"unknown persistence", message(R"("sessionPersistence":{"persistenceType":"SSL_ID"},)" + lb, kOurs),
       "refused: Failure adding load balancer 9: session persistence is HTTP_COOKIE or SOURCE_IP"},
      {"no persistence", message(R"("sessionPersistence":{},)" + lb, kOurs), "ok"},
      {"a cookie on TCP",
       message(
           R"("id":"9","protocol":"TCP","port":80,"nodes":[],"sessionPersistence":{"persistenceType":"HTTP_COOKIE"})",
           kOurs),
       "refused: Failure adding load balancer 9: HTTP_COOKIE needs the protocol HTTP"},
      {"drain without an end", withNode(kNode + R"(,"condition":"DRAINING")", R"(HTTP","id":"9)", kOurs), "ok"},
      {"drain that ends before all time",
       withNode(kNode + R"(,"condition":"DRAINING","drainUntil":-1)", R"(HTTP","id":"9)", kOurs),
       "refused: Failure adding server 501: the end of its drain is not a time"},
      {"end of no drain", withNode(kNode + R"(,"condition":"DISABLED","drainUntil":"x")", R"(HTTP","id":"9)", kOurs),
       "ok"},
      {"virtual IP with epoch",
       message(lb, kOurs + R"("virtualIps":[{"address":"10.1.0.1","prefix":24,"epoch":"3"}],)"), "ok"},
      {"virtual IP with claim",
       message(lb, kOurs + R"("virtualIps":[{"address":"10.1.0.1","epoch":3,"claim":"QUJD"}],)"), "ok"},
      {"virtual IP with a long claim",
       message(lb, kOurs + R"("virtualIps":[{"address":"10.1.0.1","claim":")" + std::string(8193, 'A') + R"("}],)"),
       "refused: The claim of virtual IP 10.1.0.1 is too long"},
      {"virtual IP without address", message(lb, kOurs + R"("virtualIps":[{}],)"),
       "refused: The address of a virtual IP is not valid"},
      {"virtual IPs of another type", message(lb, kOurs + R"("virtualIps":7,)"),
       "refused: 'virtualIps' must be a list"},
      {"virtual IP with a prefix of IPv6", message(lb, kOurs + R"("virtualIps":[{"address":"10.1.0.1","prefix":64}],)"),
       "refused: Failure adding virtual IP 10.1.0.1: prefix or epoch is not valid, or it is given twice"},
      {"virtual IPs without generation", message(kSound, R"("virtualIps":7,)"), "ok"},
  };
  for (const auto& c : cases) EXPECT_EQ(outcome(read(c.message)), c.outcome) << c.what;
}

// One load balancer with these members besides a sound HTTP one's, or with those of `protocol`.
std::string with(const std::string& members, const std::string& protocol = "HTTP") {
  return message(R"("id":"9","nodes":[],"port":80,"protocol":")" + protocol + R"(",)" + members, kOurs);
}

const std::string kPem =
    R"("certificate":"-----BEGIN CERTIFICATE-----\nMII=\n","privatekey":"-----BEGIN KEY-----\nS3cr=\n")";

TEST(Update, PoliciesAndTlsAreTakenWithinTheirBounds) {
  const auto lb = [](const std::string& members, const std::string& protocol = "HTTP") {
    const auto answer = read(with(members, protocol));
    EXPECT_EQ(outcome(answer), "ok") << members;
    return std::get<DeviceState>(answer).load_balancers.at(0);
  };
  EXPECT_EQ(
      lb(R"("accessList":[{"address":"10.0.0.0/8","type":"DENY"},{"address":"fd77::1","type":"ALLOW"}])").access_list,
      (std::vector<AccessRule>{{*NetAddress::parse("10.0.0.0"), 8, false},
                               {*NetAddress::parse("fd77::1"), 128, true}}));
  EXPECT_EQ(lb(R"("connectionThrottle":{"maxConnections":"7","rateInterval":60})").throttle,
            (ThrottleState{7, 0, 0, std::chrono::seconds(60)}));
  EXPECT_EQ(lb(R"("errorpage":{"content":"a\nb"})").error_page, "a\nb");
  EXPECT_TRUE(lb(R"("halfClosed":"true","proxyProtocol":true)", "TCP").half_closed);
  EXPECT_TRUE(lb(R"("connectionLogging":{"enabled":"TRUE"})").connection_logging);
  EXPECT_EQ(lb(R"("xForwardedPort":false)").forwarded, (ForwardedState{true, true, false}));

  const auto tls = lb(R"("httpsRedirect":true,"sslTermination":{"securePort":443,)" + kPem +
                      R"(,"certificateMappings":[{"hostName":"*.a.example",)" +
                      R"("certificate":"-----BEGIN CERTIFICATE-----\r\n\r\nx","privateKey":"-----BEGIN KEY-----"}]})");
  ASSERT_TRUE(tls.tls && tls.https_redirect);
  EXPECT_EQ(tls.tls->certificate.key.reveal(), "-----BEGIN KEY-----\nS3cr=\n");
  EXPECT_EQ(tls.tls->mappings.at(0).certificate, "-----BEGIN CERTIFICATE-----\nx");
}

TEST(Update, PoliciesAndTlsOutsideTheirBoundsAreRefused) {
  std::string rules;
  for (int i = 0; i <= 100; ++i)
    rules += (i ? "," : "") + (R"({"type":"DENY","address":"10.0.0.)" + std::to_string(i)) + R"("})";
  const auto list = [](const std::string& item) { return R"("accessList":[)" + item + "]"; };
  const auto tls = [](const std::string& members) { return R"("sslTermination":{)" + members + "}"; };
  const auto mapping = [&](const std::string& host) {
    return tls(R"("securePort":443,)" + kPem + R"(,"certificateMappings":[{"hostName":")" + host + R"("}])");
  };
  const std::string cases[] = {
      R"("accessList":7)",
      list(rules),
      list(R"({"type":"DENY"})"),
      list(R"({"type":"deny","address":"10.0.0.1"})"),
      list(R"({"type":"DENY","address":"10.0.0.1/8"})"),
      list(R"({"type":"DENY","address":"10.0.0.1\n"})"),
      list(R"({"type":"DENY","address":"10.0.0.1"},{"type":"ALLOW","address":"10.0.0.1/32"})"),
      R"("connectionThrottle":[])",
      R"("connectionThrottle":{"maxConnections":-1})",
      R"("connectionThrottle":{"rateInterval":0})",
      R"("connectionThrottle":{"maxConnectionRate":100001})",
      R"("errorpage":{})",
      R"("errorpage":{"content":""})",
      R"("errorpage":{"content":"a\u0000b"})",
      R"("errorpage":{"content":")" + std::string(65'537, 'x') + R"("})",
      R"("suspended":"perhaps")",
      R"("connectionLogging":{"enabled":1})",
      R"("halfClosed":true)",
      R"("httpsRedirect":true)",
      tls(R"("securePort":443)"),
      tls(kPem),
      tls(R"("securePort":80,)" + kPem),
      tls(R"("securePort":443,"certificate":"-----BEGIN X","privatekey":"quit\n\nshutdown")"),
      tls(R"("securePort":443,"certificate":"-----BEGIN \u0007","privatekey":"-----BEGIN X")"),
      mapping("a b"),
      mapping("*.*.example"),
      mapping("a.example\\nb"),
      R"("nodeTls":{"verify":1})",
      R"("nodeTls":{"hostName":"*.example"})",
      R"("nodeTls":{"caCertificate":"/etc/shadow"})",
  };
  for (const auto& members : cases)
    EXPECT_TRUE(outcome(read(with(members))).starts_with("refused: Failure adding load balancer 9: ")) << members;
  EXPECT_NE(outcome(read(with(R"("errorpage":{"content":"x"})", "TCP"))), "ok");
  EXPECT_NE(outcome(read(with(tls(R"("securePort":443,)" + kPem), "GALERA"))), "ok");
}

TEST(Update, ASecurePortIsAPortLikeAnother) {
  const std::string secure = R"("sslTermination":{"securePort":443,)" + kPem + "}";
  EXPECT_EQ(outcome(read(message(
                secure + R"(,"id":"9",)" + kSound + R"(},{"id":10,"protocol":"TCP","port":443,"nodes":[])", kOurs))),
            "refused: Failure adding load balancer 10: its port is used by 9");
}

TEST(Update, NoAnswerAndNoPrintHoldsAPrivateKey) {
  const std::string text =
      with(R"("sslTermination":{"securePort":443,)" + kPem + R"(,"certificateMappings":[{"privateKey":"S3cr="}]})");
  for (const auto& answer : {failed(*json::parse(text), "x"), updated(*json::parse(text), {}),
                             updateFailed(*json::parse(text), "x"), passed(*json::parse(text))})
    EXPECT_EQ(json::dump(answer).find("S3cr"), std::string::npos);
  EXPECT_EQ(testing::PrintToString(Secret("S3cr")), "*****");
}

TEST(Update, MonitorDefaultsAreTheAncestors) {
  const auto monitor = [](const std::string& text) {
    return std::get<DeviceState>(read(message(R"("monitor":)" + text + "," + kSound))).load_balancers[0].monitor;
  };
  using std::chrono::seconds;
  EXPECT_EQ(monitor(R"({"type":"http","delay":null,"timeout":null,"attempts":null,"path":null})"),
            (MonitorState{MonitorType::Http, seconds(30), seconds(30), 2, "/"}));
  EXPECT_EQ(monitor(R"({"type":"HTTP","delay":"9","timeout":null,"attempts":1,"path":"up"})"),
            (MonitorState{MonitorType::Http, seconds(9), seconds(9), 1, "/up"}));
}

TEST(Update, AMonitorsExpectationsAreReadAndBadOnesRefusedWithTheReason) {
  const auto outcomeOf = [](const std::string& fields, const char* type = "HTTPS") {
    return read(message(R"("id":"5","monitor":{"type":")" + std::string(type) +
                            R"(","delay":9,"timeout":2,"attempts":1)" + fields + "}," + kSound,
                        R"("generation":3,)"));
  };
  const auto good = outcomeOf(R"(,"hostHeader":"www.a.example:8443","statusRegex":"^2","bodyRegex":"a|b")");
  const auto& monitor = std::get<DeviceState>(good).load_balancers[0].monitor;
  EXPECT_EQ(monitor.type, MonitorType::Https);
  EXPECT_EQ(monitor.host, "www.a.example:8443");
  EXPECT_EQ(monitor.status_regex, "^2");
  EXPECT_EQ(monitor.body_regex, "a|b");

  for (const char* bad :
       {R"(,"statusRegex":"(")", R"(,"bodyRegex":"(a)\\1")", R"(,"hostHeader":"a b")", R"(,"hostHeader":"a\r\nX: y")"})
    EXPECT_TRUE(std::holds_alternative<Refused>(outcomeOf(bad))) << bad;
  EXPECT_THAT(std::get<Refused>(outcomeOf(R"(,"statusRegex":"(")")).error,
              testing::AllOf(testing::HasSubstr("statusRegex"), testing::HasSubstr("not valid")));
}

TEST(StateFile, DamageIsAnErrorAndNeverAHalfState) {
  const std::string whole = json::dump(writeStateFile(test::RandomState(1).device()));
  for (std::size_t size = 0; size < whole.size(); size += 7) EXPECT_FALSE(readStateFile(whole.substr(0, size))) << size;
  EXPECT_FALSE(readStateFile("[]"));
  EXPECT_FALSE(readStateFile(R"({"loadBalancers":[{}]})"));
}

TEST(Answer, OutcomesAreMappedAsTheSpecSays) {
  struct {
    const char* payload;
    bool pass;
    const char* error;
  } cases[] = {
      {R"({"hpcs_response":"PASS"})", true, ""},
      {R"({"hpcs_response":"FAIL"})", false, "Load Balancer error"},
      {R"({"hpcs_response":"FAIL","hpcs_error":"No HAProxy logs found"})", false, "No HAProxy logs found"},
      {R"({"badRequest":{"validationErrors":{"message":"Missing node 'id'"}}})", false, "Missing node 'id'"},
      {R"({"badRequest":7})", false, "Load Balancer error"},
      {R"({"hpcs_response":"FAIL","hpcs_error":{}})", false, "Load Balancer error"},
      {R"({})", false, "Load Balancer error"},
  };
  for (const auto& c : cases) {
    const auto answer = readAnswer(c.payload);
    ASSERT_TRUE(answer) << c.payload;
    EXPECT_EQ(answer->pass, c.pass) << c.payload;
    EXPECT_EQ(answer->error, c.error) << c.payload;
  }
  for (const char* garbage : {"", "null", "[]", "\"PASS\"", "{", "\xff"}) EXPECT_FALSE(readAnswer(garbage)) << garbage;
}

TEST(Answer, WhatTheDeviceTellsIsRead) {
  const auto answer = readAnswer(
      R"({"hpcs_response":"PASS","generation":12,"mechanism":"runtime","ms":0.5,"already_newer":true,
          "version":"0.1","driver":"haproxy","capabilities":["http",7],"nodes":[
          {"id":"501","status":"UP"},{"id":502,"status":"DOWN"},{"id":"x y","status":"UP"},7,{"id":"503","status":"up"}]})");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->generation, 12u);
  EXPECT_TRUE(answer->already_newer);
  EXPECT_EQ(answer->mechanism, "runtime");
  EXPECT_EQ(answer->ms, 0.5);
  EXPECT_EQ(answer->version, "0.1");
  EXPECT_EQ(answer->driver, "haproxy");
  EXPECT_EQ(answer->capabilities, (std::vector<std::string>{"http", ""}));
  const std::map<std::string, NodeHealth> expected = {
      {"501", NodeHealth::Up}, {"502", NodeHealth::Down}, {"503", NodeHealth::Down}};
  EXPECT_EQ(answer->nodes, expected);
}

}  // namespace
}  // namespace libra::protocol
