#include <gmock/gmock.h>

#include "tests/support/api_world.h"

namespace libra::test {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

namespace {

const std::string kLbs = "/v1.1/loadbalancers";

class Repeated : public ::testing::Test {
 protected:
  ApiReply send(const std::string& key, const std::string& body = ApiWorld::kWeb,
                const std::string& token = "token-a") {
    return world_.send("POST", kLbs, body, token, {{"Idempotency-Key", key}});
  }
  std::size_t count() { return world_.store.rows().load_balancers.size(); }

  ApiWorld world_;
};

}  // namespace

TEST_F(Repeated, ACreateSentTwiceIsDoneOnceAndAnsweredAlike) {
  const auto first = send("k1");
  EXPECT_EQ(first.status, 202);
  const auto second = send("k1");
  EXPECT_EQ(second.status, 202);
  EXPECT_EQ(second.text, first.text);
  EXPECT_EQ(count(), 1u);
}

TEST_F(Repeated, ItsDeviceIsWokenAndItsCounterCountsOnce) {
  const auto id = send("k1").body["id"].text();
  EXPECT_EQ(world_.statusOf(id), "ACTIVE");
  send("k1");
  EXPECT_EQ(world_.counted("api_loadbalancers_create"), 1);
}

TEST_F(Repeated, TheSameKeyWithAnotherBodyIsRefused) {
  send("k1");
  const auto other = send("k1", R"({"name":"other","nodes":[{"address":"10.20.0.11","port":80}]})");
  EXPECT_EQ(other.status, 422);
  EXPECT_THAT(other.text, HasSubstr("Idempotency-Key was used for another request"));
  EXPECT_EQ(count(), 1u);
}

TEST_F(Repeated, KeysOfTwoTenantsHaveNothingToDoWithEachOther) {
  EXPECT_EQ(send("k1").status, 202);
  EXPECT_EQ(send("k1", ApiWorld::kWeb, "token-b").status, 202);
  EXPECT_EQ(count(), 2u);
}

TEST_F(Repeated, ARefusedRequestIsNotRemembered) {
  const auto refused = send("k1", R"({"name":"web","nodes":[]})");
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(send("k1").status, 202);
}

TEST_F(Repeated, AKeyIsForgottenAfterADay) {
  send("k1");
  world_.clock.advance(23h);
  send("k1");
  EXPECT_EQ(count(), 1u);
  world_.clock.advance(2h);
  send("k1");
  EXPECT_EQ(count(), 2u);
}

TEST_F(Repeated, AnAnswerWithoutBodyIsRepeatedToo) {
  const auto id = world_.create();
  const http::Headers key = {{"Idempotency-Key", "gone"}};
  EXPECT_EQ(world_.send("DELETE", kLbs + "/" + id, "", "token-a", key).status, 202);
  EXPECT_EQ(world_.send("DELETE", kLbs + "/" + id, "", "token-a").status, 404);
  EXPECT_EQ(world_.send("DELETE", kLbs + "/" + id, "", "token-a", key).status, 202);
}

TEST_F(Repeated, WhatIsNoKeyIsRefused) {
  for (const std::string& bad :
       {std::string(), std::string("two words"), std::string(129, 'k'), std::string("\xc3\xa4")})
    EXPECT_EQ(send(bad).status, 400) << bad;
  EXPECT_EQ(count(), 0u);
  EXPECT_EQ(send(std::string(128, 'k')).status, 202);
}

}  // namespace libra::test
