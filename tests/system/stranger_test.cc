// Another tenant, and input that nobody sends by mistake, at the running controller's
// socket. (Every text and limit in detail: tests/integration/api_hostile_test.cc.)

#include "tests/system/libra_test.h"

namespace libra::test {
namespace {

class StrangerTest : public LibraTest {
 protected:
  void SetUp() override {
    LibraTest::SetUp();
    lb_ = "/loadbalancers/" + serving("mine");
    node_ = lb_ + "/nodes/" + lab().nodeId(lb_.substr(15), 1);
    before_ = state();
    controller_ = lab().pid("controller");
  }
  void TearDown() override {
    EXPECT_EQ(state(), before_);
    EXPECT_EQ(lab().pid("controller"), controller_);
    EXPECT_TRUE(lab().isRunning("controller"));
    LibraTest::TearDown();
  }
  std::string state() {
    return lab().api("GET", lb_).body + lab().api("GET", lb_ + "/healthmonitor").body +
           lab().sql(
               "SELECT * FROM load_balancers; SELECT * FROM nodes; SELECT * FROM monitors; SELECT * FROM tenants; "
               "SELECT id, status, generation FROM devices WHERE status <> 'OFFLINE'");  // spares come by themselves
  }

  std::string lb_, node_, before_;
  int controller_ = 0;
};

TEST_F(StrangerTest, FindsNothingOnAnyPathOfAnothersLoadBalancer) {
  const std::string monitor = R"({"type":"CONNECT","delay":5,"timeout":5,"attemptsBeforeDeactivation":2})";
  const struct {
    std::string method, path, body;
  } calls[] = {{"GET", lb_, ""},
               {"PUT", lb_, R"({"name":"theirs"})"},
               {"DELETE", lb_, ""},
               {"GET", lb_ + "/nodes", ""},
               {"POST", lb_ + "/nodes", R"({"nodes":[)" + lab().nodeJson(3) + "]}"},
               {"GET", node_, ""},
               {"PUT", node_, R"({"condition":"DISABLED"})"},
               {"DELETE", node_, ""},
               {"GET", lb_ + "/healthmonitor", ""},
               {"PUT", lb_ + "/healthmonitor", monitor},
               {"DELETE", lb_ + "/healthmonitor", ""},
               {"GET", lb_ + "/virtualips", ""},
               {"POST", lb_ + "/logs", "{}"}};
  for (const auto& [method, path, body] : calls) {
    const auto answer = lab().api(method, path, body, "LIBRA_OTHER_TOKEN");
    EXPECT_EQ(answer.status, 404) << method << " " << path << ": " << answer.body;
    EXPECT_EQ((*json::parse(answer.body))["message"].text(), "Object not Found");
  }
  EXPECT_EQ((*json::parse(lab().api("GET", "/loadbalancers", "", "LIBRA_OTHER_TOKEN").body))["loadBalancers"].size(),
            0U);
  const auto vip = lab().get(lb_)["virtualIps"][0]["id"].integer();
  const auto onto = R"({"name":"theirs","protocol":"TCP","port":443,"nodes":[)" + lab().nodeJson(1) +
                    R"(],"virtualIps":[{"id":)" + std::to_string(vip) + "}]}";
  EXPECT_EQ(lab().api("POST", "/loadbalancers", onto, "LIBRA_OTHER_TOKEN").status, 404);
  EXPECT_EQ(lab().api("GET", lb_, "", "NO_SUCH_TOKEN").status, 401);
}

TEST_F(StrangerTest, GetsItsRefusalForWhatIsNoRequest) {
  const std::pair<const char*, std::string> calls[] = {{"POST", "/loadbalancers"},
                                                       {"POST", lb_ + "/nodes"},
                                                       {"PUT", lb_},
                                                       {"PUT", node_},
                                                       {"PUT", lb_ + "/healthmonitor"}};
  for (const auto& body : {std::string("{\"name\":"), std::string("[]"), std::string("7"),
                           std::string("{\"a\":\"\xff\"}"), std::string("{}\0", 3), std::string(100'000, '[')})
    for (const auto& [method, path] : calls)
      EXPECT_EQ(lab().api(method, path, body).status, 400) << method << " " << path << " " << body.substr(0, 20);
  for (const auto& [method, path] : calls)
    EXPECT_EQ(lab().api(method, path, "{" + std::string(10'000'000, ' ') + "}").status, 413) << method << " " << path;
}

TEST_F(StrangerTest, GetsItsRefusalForImpossibleLoadBalancers) {
  const auto with = [](const std::string& nodes) { return R"({"name":"x","nodes":)" + nodes + "}"; };
  std::string many = "[" + lab().nodeJson(1);
  for (int i = 1; i < 100'000; ++i) many += ",{}";
  std::string good_many = "[" + lab().nodeJson(1);
  for (int i = 1; i < 20'000; ++i) good_many += "," + lab().nodeJson(1);
  const struct {
    const char* what;
    std::string body;
    int status;
  } bodies[] = {{"a wrong type", with("{}"), 400},
                {"a number for a name", R"({"name":7,"nodes":[]})", 400},
                {"a negative port", with(R"([{"address":"10.77.1.1","port":-80}])"), 400},
                {"a port beyond all", with(R"([{"address":"10.77.1.1","port":4294967376}])"), 400},
                {"a host name", with(R"([{"address":"node1","port":80}])"), 400},
                {"NUL", R"({"name":"\u0000","nodes":[)" + lab().nodeJson(1) + "]}", 400},
                {"invalid UTF-8", "{\"name\":\"\xff\",\"nodes\":[" + lab().nodeJson(1) + "]}", 400},
                {"100,000 empty nodes", with(many + "]"), 400},
                {"20,000 nodes", with(good_many + "]"), 413},
                {"configuration in a name", R"({"name":"x\nbackend evil","protocol":"HTTP\n","nodes":[]})", 400}};
  for (const auto& [what, body, status] : bodies) {
    const auto answer = lab().api("POST", "/loadbalancers", body);
    EXPECT_EQ(answer.status, status) << what << ": " << answer.body.substr(0, 200);
  }
}

}  // namespace
}  // namespace libra::test
