#include "controller/service/alerts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/alerts/webhook.h"
#include "controller/service/expunge.h"
#include "lib/json/value.h"
#include "tests/support/http_server.h"
#include "tests/support/said.h"
#include "tests/unit/controller/service_world.h"

namespace libra::service {
namespace {

using namespace libra::model;
using namespace libra::test;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Keeps what it is told, or refuses it.
struct FakeHook final : AlertHook {
  Status tell(const model::Event& event) override {
    if (deaf) return Error{ErrorCode::Unavailable, "no answer"};
    told.push_back(event.kind + " " + event.object);
    return ok();
  }
  bool deaf = false;
  std::vector<std::string> told;
};

class AlertsTest : public ::testing::Test {
 protected:
  AlertsTest() {
    world.store.runTwice(true);
    happens("device.lost", "device/1");
    work();
  }
  void happens(const std::string& kind, const std::string& object) {
    const auto done = world.store.transact([&](Txn& txn) -> Status {
      txn.journal().event({kind, object, "why"}, world.clock.now());
      return ok();
    });
    ASSERT_TRUE(done);
  }
  void work(seconds after = seconds(3)) {
    world.clock.advance(after);
    alerts.work();
  }

  World world;
  FakeHook hook;
  Alerts alerts{world.context(), &hook, {}};
};

TEST_F(AlertsTest, TellOfWhatAsksForItOnceAndNotOfWhatWasBefore) {
  EXPECT_THAT(hook.told, IsEmpty()) << "it was there before anybody listened";
  happens("device.lost", "device/2");
  happens("loadbalancer.active", "loadbalancer/3");
  happens("vip.two_holders", "vip/4");
  work();
  work();
  EXPECT_THAT(hook.told, ElementsAre("device.lost device/2", "vip.two_holders vip/4"));
}

TEST_F(AlertsTest, WaitForEventsOfTransactionsThatCommitLate) {
  happens("device.lost", "device/2");
  alerts.work();
  EXPECT_THAT(hook.told, IsEmpty());
  work();
  EXPECT_THAT(hook.told, ElementsAre("device.lost device/2"));
}

TEST_F(AlertsTest, AreToldLaterWhenNobodyListensAndHoldNothingUp) {
  hook.deaf = true;
  happens("device.lost", "device/2");
  happens("device.lost", "device/3");
  for (int i = 0; i < 20; ++i) work(seconds(10));
  hook.deaf = false;
  work(seconds(61));
  EXPECT_THAT(hook.told, ElementsAre("device.lost device/2", "device.lost device/3"));
}

TEST_F(AlertsTest, TheNextControllerGoesOnWhereTheLastOneStopped) {
  happens("device.lost", "device/2");
  work();
  happens("device.lost", "device/3");
  FakeHook other;
  Alerts next(world.context(), &other, {});
  world.clock.advance(seconds(3));
  next.work();
  EXPECT_THAT(other.told, ElementsAre("device.lost device/3"));
}

TEST_F(AlertsTest, OnlyTheHolderOfTheLeaseTells) {
  happens("device.lost", "device/2");
  world.losesItsLeases();
  world.leases.campaign();
  work();
  EXPECT_THAT(hook.told, IsEmpty());
}

TEST(Webhook, PostsTheEventAndBelievesOnly2xx) {
  int status = 204;
  http::Request got;
  HttpServer server({}, [&](http::Request request, http::Reply reply) {
    got = request;
    reply(http::Response{status});
  });
  alerts::Webhook hook(
      {.url = server.url() + "/hook", .ca = {}, .token = "s3cret", .timeout = std::chrono::seconds(60)});
  model::Event event{{"device.lost", "device/7", "silence"}, 42, Time(std::chrono::seconds(1000))};
  ASSERT_TRUE(hook.tell(event)) << said(hook.tell(event));
  EXPECT_EQ(got.method + " " + got.path, "POST /hook");
  EXPECT_EQ(got.headers.get("Authorization"), "Bearer s3cret");
  const auto body = json::parse(got.body);
  ASSERT_TRUE(body);
  EXPECT_EQ((*body)["id"].integer(), 42);
  EXPECT_EQ((*body)["at"].integer(), 1000);
  EXPECT_EQ((*body)["kind"].text() + " " + (*body)["object"].text() + " " + (*body)["text"].text(),
            "device.lost device/7 silence");
  status = 500;
  EXPECT_EQ(said(hook.tell(event)), "The webhook answers 500");
}

class ExpungeTest : public ::testing::Test {
 protected:
  ExpungeTest() {
    world.store.runTwice(true);
    world.addVip("10.77.9.1");
    world.addSpare("one"), world.addSpare("two");
    gone = world.lbs().create(aRequest())->id;
    world.settle();
    EXPECT_TRUE(world.lbs().remove("a", gone));
    world.settle();
  }
  bool kept() { return world.store.rows().load_balancers.contains(gone); }
  void after(int days, Expunge::Options options) {
    world.clock.advance(std::chrono::hours(24) * days);
    EXPECT_TRUE(Expunge(world.context(), options).work());
  }

  World world;
  std::int64_t gone = 0;
};

TEST_F(ExpungeTest, RemovesWhatIsDeletedForSoManyDays) {
  after(6, {.deleted = 7});
  EXPECT_TRUE(kept());
  after(2, {.deleted = 7});
  EXPECT_FALSE(kept());
  EXPECT_EQ(world.counter("loadbalancers_expunged"), 1);
  EXPECT_FALSE(world.store.rows().events.empty());
}

TEST_F(ExpungeTest, KeepsAllUnlessToldOtherwise) {
  after(4000, {});
  EXPECT_TRUE(kept());
  EXPECT_FALSE(world.store.rows().events.empty());
}

TEST_F(ExpungeTest, ForgetsTheJournalApart) {
  after(8, {.journal = 7});
  EXPECT_TRUE(kept());
  EXPECT_TRUE(world.store.rows().events.empty());
}

TEST_F(ExpungeTest, IsTheBusinessOfTheLeasesHolder) {
  world.losesItsLeases();
  world.leases.campaign();
  after(8, {.deleted = 7, .journal = 7});
  EXPECT_TRUE(kept());
}

}  // namespace
}  // namespace libra::service
