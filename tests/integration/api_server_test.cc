// The tenant API through HTTP over TLS: what the threads, the queue and the server add.

#include <gtest/gtest.h>

#include <csignal>
#include <future>
#include <semaphore>

#include "controller/api/api_server.h"
#include "controller/api/health.h"
#include "lib/http/client.h"
#include "tests/support/api_world.h"
#include "tests/support/raw_client.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tls_files.h"

namespace libra::test {
namespace {

using namespace std::chrono_literals;

const std::string kLbs = "/v1.1/loadbalancers";

class ApiServerTest : public ::testing::Test {
 protected:
  ApiServerTest() {
    ::signal(SIGPIPE, SIG_IGN);  // as the daemon does
    api::addHealthRoutes(world_.dispatcher, readiness_);
  }

  ~ApiServerTest() override { go_.release(10); }  // a test that failed leaves no worker waiting

  void serve(int workers, std::size_t queue, int http_threads = 1) {
    api::ApiServer::Options options;
    options.threads = http_threads;
    auto tls =
        tls::ReloadingContext::open(ca_.issue("api", {.ip = {"127.0.0.1"}}), tls::ReloadingContext::Role::Server);
    ASSERT_TRUE(tls) << tls.error().message;
    options.tls = *tls;
    auto listening = http::listenTcp("127.0.0.1:0");
    ASSERT_TRUE(listening) << listening.error().message;
    port_ = http::localPort(listening->get());
    pool_ = std::make_unique<WorkerPool>("work", workers, queue);
    server_ = std::make_unique<api::ApiServer>(world_.dispatcher, *pool_, system_clock_, options);
    auto started = server_->start(listening->get());
    ASSERT_TRUE(started) << started.error().message;
  }

  http::Client client(const std::string& token = "token-a") {
    http::Client::Options options;
    options.base_url = "https://127.0.0.1:" + std::to_string(port_);
    options.ca_file = ca_.caFile();
    if (!token.empty()) options.headers.add("X-Auth-Token", token);
    return http::Client(options);
  }

  // A request that keeps its worker busy until the test lets it go.
  void addSlowRoute() {
    world_.dispatcher.add("GET", "/slow",
                          {[this](const api::Call&) -> api::Answer {
                             begun_.release();
                             go_.acquire();
                             return http::Response{200, "{}"};
                           },
                           api::Access::Open});
  }
  bool slowOneBegan() { return begun_.try_acquire_for(20s); }
  std::future<int> askSlowly() {
    return std::async(std::launch::async, [this] {
      auto answer = client().get("/slow");
      return answer ? answer->status : 0;
    });
  }

  test::TempDir dir_;
  test::TestCa ca_{dir_.path()};
  SystemClock system_clock_;
  std::counting_semaphore<> begun_{0}, go_{0};
  ApiWorld world_;
  api::Readiness readiness_{system_clock_, {{"database", [] { return ok(); }}}};
  std::unique_ptr<WorkerPool> pool_;
  std::unique_ptr<api::ApiServer> server_;
  int port_ = 0;
};

TEST_F(ApiServerTest, ServesALoadBalancersLifeOnOneConnection) {
  serve(2, 100);
  auto tenant = client();
  auto created = tenant.send("POST", kLbs, ApiWorld::kWeb);
  ASSERT_TRUE(created) << created.error().message;
  EXPECT_EQ(created->status, 202);
  EXPECT_EQ(created->headers.get("Content-Type"), "application/json");
  const auto id = json::parse(created->body);
  ASSERT_TRUE(id) << created->body;
  const auto path = kLbs + "/" + (*id)["id"].text();

  EXPECT_EQ(json::parse(tenant.get(path)->body)->operator[]("status").text(), "ACTIVE");
  const auto changed = tenant.send("PUT", path, R"({"name":"new"})");
  EXPECT_EQ(changed->status, 202);
  EXPECT_EQ(changed->body, "");
  EXPECT_EQ(changed->headers.get("Content-Length"), "0");
  EXPECT_EQ(tenant.send("DELETE", path)->status, 202);
  EXPECT_EQ(tenant.get(path)->status, 404);
  const auto refused = tenant.send("PATCH", path);
  EXPECT_EQ(refused->status, 405);
  EXPECT_EQ(refused->headers.get("Allow"), "DELETE, GET, HEAD, PUT");
}

TEST_F(ApiServerTest, EachAnswerCarriesAnIdOfItsRequest) {
  serve(1, 10);
  auto tenant = client();
  const auto first = std::string(tenant.get(kLbs)->headers.get("X-Openstack-Request-Id"));
  const auto second = std::string(tenant.get("/unknown")->headers.get("X-Openstack-Request-Id"));
  EXPECT_TRUE(first.starts_with("req-"));
  EXPECT_TRUE(second.starts_with("req-"));
  EXPECT_NE(first, second);
}

TEST_F(ApiServerTest, ReadsJsonUnderAnyContentType) {
  serve(1, 10);
  auto tenant = client();
  for (const char* type :
       {"application/json; charset=UTF-8", "application/x-www-form-urlencoded", "text/plain", "nonsense"}) {
    const auto answer = tenant.send("POST", kLbs, ApiWorld::kWeb, {{"Content-Type", type}});
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 202) << type << answer->body;
  }
}

TEST_F(ApiServerTest, HeadIsGetWithoutABody) {
  serve(1, 10);
  const auto answer = client().send("HEAD", kLbs);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "");
}

TEST_F(ApiServerTest, BodiesBeyondTheLimitAreRefusedInJson) {
  serve(1, 10);
  const auto before = world_.state();
  const auto answer = client().send("POST", kLbs, std::string(10 * 1024 * 1024, 'x'));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 413);
  const auto body = json::parse(answer->body);
  ASSERT_TRUE(body) << answer->body;
  EXPECT_EQ((*body)["message"].text(), "Bad Request");
  EXPECT_EQ((*body)["code"].integer(), 413);
  EXPECT_EQ(world_.state(), before);
}

TEST_F(ApiServerTest, AFullQueueIsAnsweredAtOnceAndTheLoopStaysAlive) {
  addSlowRoute();
  serve(1, 1);
  auto working = askSlowly();
  ASSERT_TRUE(slowOneBegan());
  auto queued = askSlowly();
  ASSERT_TRUE(test::eventually([this] { return pool_->queued() == 1; }));

  const auto busy = client().get(kLbs);
  ASSERT_TRUE(busy) << busy.error().message;
  EXPECT_EQ(busy->status, 503);
  EXPECT_EQ(busy->body, R"({"message":"Load Balancer Fault","details":"The service is busy, try again","code":503})");
  EXPECT_FALSE(busy->headers.has("Retry-After"));
  EXPECT_EQ(client("").get("/healthz")->status, 200);
  EXPECT_EQ(client("").get("/readyz")->status, 503);

  go_.release(2);
  EXPECT_EQ(working.get(), 200);
  EXPECT_EQ(queued.get(), 200);
  EXPECT_EQ(client("").get("/readyz")->status, 200);
}

TEST_F(ApiServerTest, StoppingWaitsForWhatIsUnderWay) {
  addSlowRoute();
  serve(1, 10);
  auto working = askSlowly();
  ASSERT_TRUE(slowOneBegan());
  auto stopping = std::async(std::launch::async, [this] { server_->stop(30s); });
  // New connections are refused before the old ones have ended.
  EXPECT_TRUE(test::eventually([this] { return !client("").get("/healthz"); }));
  go_.release();
  EXPECT_EQ(working.get(), 200);
  stopping.get();
}

TEST_F(ApiServerTest, StoppingHasAnEndWhenAHandlerHasNone) {
  addSlowRoute();
  serve(1, 10);
  auto working = askSlowly();
  ASSERT_TRUE(slowOneBegan());
  server_->stop(10ms);
  EXPECT_EQ(working.get(), 0);
  go_.release();
}

TEST_F(ApiServerTest, ManyClientsOverSeveralThreadsEachGetTheirOwnAnswer) {
  serve(4, 1000, 2);
  std::vector<std::thread> clients;
  for (int i = 0; i < 8; ++i)
    clients.emplace_back([this, i] {
      auto tenant = client(i % 2 == 0 ? "token-a" : "token-b");
      for (int n = 0; n < 25; ++n) {
        const auto path = kLbs + "/" + std::to_string(100'000 * (i + 1) + n) + "/nodes/" + std::to_string(i);
        const auto answer = tenant.send(n % 2 == 0 ? "GET" : "DELETE", path);
        ASSERT_TRUE(answer) << answer.error().message;
        EXPECT_EQ(answer->status, 404);
        EXPECT_NE(answer->body.find(n % 2 == 0 ? "node not found" : "Load Balancer not found"), std::string::npos);
      }
    });
  for (auto& each : clients) each.join();
}

}  // namespace
}  // namespace libra::test
