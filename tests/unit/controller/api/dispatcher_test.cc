#include "controller/api/dispatcher.h"

#include <gtest/gtest.h>

#include "tests/support/fake_clock.h"

namespace libra::api {
namespace {

using namespace std::chrono_literals;

// "a" is tenant A's token, "nobody" a valid one without tenant, "down" finds no identity service.
class FakeIdentity final : public Identity {
 public:
  Result<Caller> identify(const std::string& token) override {
    if (token == "a") return Caller{"A", Role::Tenant};
    if (token == "nobody") return Caller{};
    if (token == "down") return Error{ErrorCode::Unavailable, "Identity service does not answer"};
    return Error{ErrorCode::Unauthorized, "Token is not valid"};
  }
};

http::Response otherFault(const Error& error) { return {418, "other: " + error.message}; }

class DispatcherTest : public ::testing::Test {
 protected:
  DispatcherTest() : dispatcher_(identity_, counters_, clock_) {
    const auto echo = [](const Call& call) -> Answer {
      return http::Response{200, call.caller.tenant + ":" + call.path["id"]};
    };
    dispatcher_.add("GET", "/open", {echo, Access::Open});
    dispatcher_.add("GET", "/token", {echo, Access::Token});
    dispatcher_.add("GET", "/things/{id}", {echo, Access::Tenant, {{"status"}}});
    dispatcher_.add("DELETE", "/things/{id}", {echo, Access::Tenant, std::vector<std::string>{}});
    dispatcher_.add("GET", "/broken", {[](const Call&) -> Answer {
                      return Error{ErrorCode::Internal, "secret", "more secret"};
                    }});
    dispatcher_.addFaults("/v2.0", otherFault);
  }

  http::Response send(const std::string& method, const std::string& path, const std::string& token = "a",
                      const std::string& query = "") {
    http::Request request;
    request.method = method;
    request.path = path;
    request.query = query;
    if (!token.empty()) request.headers.add("X-Auth-Token", token);
    return dispatcher_.handle(request, clock_.monotonic());
  }

  test::FakeClock clock_;
  FakeIdentity identity_;
  RequestCounters counters_;
  Dispatcher dispatcher_;
};

TEST_F(DispatcherTest, HandsCallerAndIdsToTheHandler) {
  const auto response = send("GET", "/things/7");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "A:7");
}

TEST_F(DispatcherTest, OpenRoutesNeedNoToken) {
  EXPECT_EQ(send("GET", "/open", "").status, 200);
  EXPECT_EQ(send("GET", "/open", "wrong").status, 200);
  EXPECT_EQ(send("POST", "/open", "").status, 405);
}

TEST_F(DispatcherTest, ATokenWithoutTenantReachesOnlyWhatBelongsToNobody) {
  EXPECT_EQ(send("GET", "/token", "nobody").status, 200);
  const auto refused = send("GET", "/things/7", "nobody");
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(refused.body,
            R"({"message":"Bad Request","details":"NotAuthorized: No tenant ID provided by authentication system",)"
            R"("code":401})");
}

TEST_F(DispatcherTest, WithoutTokenNothingElseIsTold) {
  for (const char* path : {"/token", "/things/7", "/unknown", "/things/7/unknown"})
    for (const char* method : {"GET", "PATCH"})
      for (const char* token : {"", "wrong"}) EXPECT_EQ(send(method, path, token).status, 401) << method << path;
}

TEST_F(DispatcherTest, AnIdentityServiceThatIsDownIsNotABadToken) {
  EXPECT_EQ(send("GET", "/token", "down").status, 503);
}

TEST_F(DispatcherTest, AMethodThatAResourceLacksIs405WithTheOnesItHas) {
  const auto response = send("PATCH", "/things/7");
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.body, R"({"message":"Bad Request","details":"Method PATCH is not allowed","code":405})");
  EXPECT_EQ(response.headers.get("Allow"), "DELETE, GET, HEAD");
}

TEST_F(DispatcherTest, AnUnknownPathIs404WithoutDetails) {
  EXPECT_EQ(send("PATCH", "/unknown").body,
            R"({"status":"404","message":"Object not Found","details":null,"code":404})");
}

TEST_F(DispatcherTest, UnknownQueryParametersAreRefusedWhereTheRouteKnowsItsOwn) {
  EXPECT_EQ(send("GET", "/things/7", "a", "status=x").status, 200);
  const auto refused = send("GET", "/things/7", "a", "status=x&li%22mit=5");
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.body, R"({"message":"Bad Request","details":"Unknown argument: \"li\"mit\"","code":400})");
  EXPECT_EQ(send("DELETE", "/things/7", "a", "status=x").status, 400);
  EXPECT_EQ(send("GET", "/token", "a", "whatever=1").status, 200);
}

TEST_F(DispatcherTest, ACauseIsNeverToldToTheCaller) {
  EXPECT_EQ(send("GET", "/broken").body, R"({"message":"Load Balancer Fault","details":null,"code":500})");
}

TEST_F(DispatcherTest, EachVersionTellsFailuresItsOwnWay) {
  EXPECT_EQ(send("GET", "/v2.0/unknown").status, 418);
  EXPECT_EQ(send("GET", "/v2.0", "wrong").body, "other: Token is not valid");
  EXPECT_EQ(send("GET", "/v2.0x").status, 404);
}

TEST_F(DispatcherTest, CountsWhatItAnsweredAndHowLongItTook) {
  http::Request request;
  request.method = "GET";
  request.path = "/open";
  const auto arrived = clock_.monotonic();
  clock_.advance(30ms);
  (void)dispatcher_.handle(request, arrived);
  (void)send("GET", "/unknown/1");
  (void)dispatcher_.refuse(request, clock_.monotonic(), {ErrorCode::Unavailable, "busy"});
  std::map<std::string, std::map<int, std::uint64_t>> answered;
  counters_.each([&](std::string_view route, std::string_view method, const RequestCounters::Sum& sum) {
    answered[std::string(method).append(" ").append(route)] = sum.by_status;
    EXPECT_DOUBLE_EQ(sum.time.snapshot().sum, route == "/open" ? 0.03 : 0.0);
  });
  EXPECT_EQ(answered["GET /open"], (std::map<int, std::uint64_t>{{200, 1}}));
  EXPECT_EQ(answered["GET other"], (std::map<int, std::uint64_t>{{404, 1}, {503, 1}}));
}

TEST(IdOf, IsAPositiveDecimalOrNone) {
  EXPECT_EQ(idOf("1"), 1);
  EXPECT_EQ(idOf("9223372036854775807"), 9223372036854775807);
  for (const char* text : {"", "0", "-1", "+1", "1 ", " 1", "0x1", "1.0", "abc", "9223372036854775808", "1e3"})
    EXPECT_EQ(idOf(text), 0) << text;
}

}  // namespace
}  // namespace libra::api
