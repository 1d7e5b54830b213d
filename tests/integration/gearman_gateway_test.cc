// Calls to devices through the gateway, a real gearmand and stub devices.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <future>
#include <mutex>
#include <stdexcept>

#include "controller/jobs/gearman_gateway.h"
#include "lib/gear/worker.h"
#include "lib/protocol/vip_claim.h"
#include "lib/seal/answerer.h"
#include "lib/seal/base64.h"
#include "lib/tls/roles.h"
#include "tests/support/device_states.h"
#include "tests/support/tls_files.h"
#include "tests/support/tls_gearmand.h"

namespace libra::test {
namespace {

using namespace std::chrono_literals;
using protocol::Answer;
using testing::Each;
using testing::HasSubstr;
using testing::Not;

// Holds back the answer of a device until open() or its own end.
class Gate {
 public:
  ~Gate() { open(); }
  void open() {
    std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void pass() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return open_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
};

class GearmanGatewayTest : public testing::Test {
 protected:
  std::unique_ptr<GearmanGateway> gateway(GearmanGateway::Options options = {}) {
    auto opened = GearmanGateway::open(connectionTo({jobs_.server()}, files_), options, clock_);
    if (!opened) throw std::runtime_error(opened.error().message);
    return *std::move(opened);
  }

  std::unique_ptr<gear::Worker> device(const std::string& name, gear::Worker::Handler handler) {
    const auto files = ca_.issue(name, {.uri = {tls::deviceUri(name)}});
    auto sealed =
        seal::answering(files, clock_, {tls::deviceUri(name), tls::kControllerUri, false}, std::move(handler));
    return worker(name, files, *std::move(sealed));
  }

  std::unique_ptr<gear::Worker> worker(const std::string& function, const tls::Files& who,
                                       gear::Worker::Handler handler) {
    auto made = std::make_unique<gear::Worker>(connectionTo({jobs_.server()}, who), function, "", std::move(handler));
    if (auto started = made->start(); !started) throw std::runtime_error(started.error().message);
    return made;
  }

  // The next answer of one call; a second one would throw in its thread.
  static std::pair<service::DeviceGateway::Done, std::future<Result<Answer>>> expectOne() {
    auto promise = std::make_shared<std::promise<Result<Answer>>>();
    return {[promise](Result<Answer> answer) { promise->set_value(std::move(answer)); }, promise->get_future()};
  }

  // What the device gets when this state is sent to it, and what comes back.
  std::pair<std::string, Result<Answer>> update(const protocol::DeviceState& state) {
    std::promise<std::string> received;
    const auto worker = device("device1", [&](const std::string& payload) {
      received.set_value(payload);
      return passed(payload);
    });
    auto [done, answer] = expectOne();
    const auto jobs = gateway();
    jobs->update("device1", state, done);
    auto got = answer.get();
    return {got ? received.get_future().get() : "", std::move(got)};
  }

  static std::string passed(const std::string&) {
    return R"({"hpcs_action":"UPDATE","hpcs_response":"PASS","generation":7})";
  }

  TempDir folder_;
  TestCa ca_{folder_.path()};
  SystemClock clock_;
  tls::Files files_ = ca_.issue("all", {.ip = {"127.0.0.1"}, .uri = {tls::kControllerUri}});
  TlsGearmand jobs_{files_};
};

TEST_F(GearmanGatewayTest, CarriesAnUpdateToTheDeviceAndItsAnswerBack) {
  protocol::DeviceState state;
  state.generation = 7;
  const auto [received, answer] = update(state);
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_TRUE(answer->pass);
  EXPECT_EQ(answer->generation, 7u);
  EXPECT_THAT(received, HasSubstr(R"("generation":7)"));
}

TEST_F(GearmanGatewayTest, SignsWhatADeviceMayShowItsNeighbours) {
  protocol::DeviceState state;
  state.generation = 7;
  state.virtual_ips = {{*NetAddress::parse("10.77.9.1"), 24, 3}};
  const auto [received, answer] = update(state);
  ASSERT_TRUE(answer) << answer.error().detail;
  const auto shown = (*json::parse(received))["virtualIps"][0]["claim"].text();
  const auto anybody = *seal::Hand::open(ca_.issue("anybody", {.uri = {tls::deviceUri("device2")}}));
  const auto opened = anybody.open(*seal::fromBase64(shown));
  ASSERT_TRUE(opened);
  EXPECT_TRUE(opened->signer.is(tls::kControllerUri));
  EXPECT_EQ(protocol::readVipClaim(opened->content),
            (protocol::VipClaim{*NetAddress::parse("10.77.9.1"), 3, "device1"}));
}

TEST_F(GearmanGatewayTest, AsksForHealthAndForWhatADeviceIs) {
  const auto worker = device("device1", [](const std::string& payload) { return payload; });
  const auto jobs = gateway();
  auto [stats, stats_answer] = expectOne();
  auto [discover, discover_answer] = expectOne();
  jobs->stats("device1", stats);
  jobs->discover("device1", 5s, discover);
  const auto health = stats_answer.get(), identity = discover_answer.get();
  ASSERT_TRUE(health && identity);
  EXPECT_EQ(health->body["hpcs_action"].text(), "STATS");
  EXPECT_EQ(identity->body["hpcs_action"].text(), "DISCOVER");
}

// What a holder of some valid certificate gets at the job servers for a function not its own.
class Thief {
 public:
  explicit Thief(std::string answer) : answer_(std::move(answer)) {}
  std::string take(const std::string& payload) {
    std::lock_guard lock(mutex_);
    loot_.push_back(payload);
    return answer_;
  }
  std::vector<std::string> loot() {
    std::lock_guard lock(mutex_);
    return loot_;
  }

 private:
  const std::string answer_;
  std::mutex mutex_;
  std::vector<std::string> loot_;
};

protocol::DeviceState aStateWithASecret() {
  auto state = aDevice(7, {aBalancer("15", 80, {aNode("501", 8080)})});
  state.load_balancers[0].name = "the tenant's own words";
  return state;
}

TEST_F(GearmanGatewayTest, WhoTakesADevicesNameLearnsNothingAndChangesNothing) {
  Thief thief(passed(""));
  const auto stolen = worker("device1", ca_.issue("thief", {.uri = {tls::deviceUri("thief")}}),
                             [&](const std::string& payload) { return thief.take(payload); });
  const auto jobs = gateway();
  auto [done, answer] = expectOne();
  jobs->update("device1", aStateWithASecret(), done);
  const auto got = answer.get();
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, ErrorCode::Unavailable);
  EXPECT_THAT(thief.loot(), Each(Not(HasSubstr("the tenant's own words"))));
  EXPECT_EQ(thief.loot().size(), 1u);
}

TEST_F(GearmanGatewayTest, AJobTakenOnItsWayIsUnreadableAndIsDoneOnceAtMost) {
  std::atomic<int> done_here = 0;
  auto real = device("device1", [&](const std::string& payload) {
    ++done_here;
    return passed(payload);
  });
  const auto jobs = gateway();
  auto [first, first_answer] = expectOne();
  jobs->update("device1", aStateWithASecret(), first);
  ASSERT_TRUE(first_answer.get());  // they know each other

  real.reset();
  Thief thief("");
  const auto who = ca_.issue("thief", {.uri = {tls::deviceUri("thief")}});
  auto stolen = worker("device1", who, [&](const std::string& payload) { return thief.take(payload); });
  auto [second, second_answer] = expectOne();
  jobs->update("device1", aStateWithASecret(), second);
  EXPECT_FALSE(second_answer.get());
  ASSERT_EQ(thief.loot().size(), 1u);
  EXPECT_THAT(thief.loot()[0], Not(HasSubstr("the tenant's own words")));

  stolen.reset();
  real = device("device1", [&](const std::string& payload) {
    ++done_here;
    return passed(payload);
  });
  const auto pipe = gear::TlsPipe::open(connectionTo({jobs_.server()}, who));
  ASSERT_TRUE(pipe);
  gear::Client client(**pipe, "thief");
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(client.call("device1", thief.loot()[0], 10s));
  EXPECT_TRUE(client.call("device1", R"({"hpcs_action":"DELETE"})", 10s));
  EXPECT_LE(done_here, 2);
}

TEST_F(GearmanGatewayTest, ADeviceThatSealsNothingIsRefused) {
  const auto old = worker("device1", files_, passed);
  auto [done, answer] = expectOne();
  const auto jobs = gateway();
  jobs->update("device1", aStateWithASecret(), done);
  const auto got = answer.get();
  ASSERT_FALSE(got);
  EXPECT_THAT(got.error().detail, HasSubstr("not sealed"));
}

TEST_F(GearmanGatewayTest, PlainJobsGoWhereTheSettingsSaySo) {
  const auto old = worker("device1", files_, passed);
  auto [done, answer] = expectOne();
  const auto jobs = gateway({.sealed = false});
  jobs->update("device1", {}, done);
  EXPECT_TRUE(answer.get());
}

TEST_F(GearmanGatewayTest, AnAnswerThatIsNoJsonIsAnError) {
  const auto worker = device("device1", [](const std::string&) { return "\xff{"; });
  auto [done, answer] = expectOne();
  const auto jobs = gateway();
  jobs->stats("device1", done);
  EXPECT_FALSE(answer.get());
}

TEST_F(GearmanGatewayTest, DevicesThatHangDelayNobody) {
  Gate gate;
  const auto hung = device("hung", [&](const std::string& payload) {
    gate.pass();
    return passed(payload);
  });
  const auto well = device("well", passed);
  const auto jobs = gateway({.senders = 2, .update_timeout = 60s, .stats_timeout = 60s});
  std::vector<std::future<Result<Answer>>> late;
  for (int i = 0; i < 10; ++i) {
    auto [done, answer] = expectOne();
    jobs->stats(i % 2 == 0 ? "hung" : "absent", done);
    late.push_back(std::move(answer));
  }
  auto [done, answer] = expectOne();
  jobs->update("well", {}, done);
  EXPECT_TRUE(answer.get());
  for (auto& each : late) EXPECT_EQ(each.wait_for(0s), std::future_status::timeout);
  gate.open();
  EXPECT_TRUE(late.front().get());
}

TEST_F(GearmanGatewayTest, ADeviceThatDoesNotAnswerInTimeIsUnavailable) {
  const auto jobs = gateway({.stats_timeout = 300ms});
  auto [done, answer] = expectOne();
  jobs->stats("absent", done);
  const auto got = answer.get();
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, ErrorCode::Unavailable);
}

TEST_F(GearmanGatewayTest, MoreLateCallsThanAllowedFailAtOnce) {
  const auto jobs = gateway({.senders = 1, .stats_timeout = 60s, .most_waiting = 1});
  auto [done, answer] = expectOne();
  auto [second_done, second_answer] = expectOne();
  jobs->stats("absent", done);
  jobs->stats("absent", second_done);
  EXPECT_FALSE(second_answer.get());
  EXPECT_EQ(answer.wait_for(0s), std::future_status::timeout);
}

TEST_F(GearmanGatewayTest, EveryCallEndsAtShutdown) {
  std::vector<std::future<Result<Answer>>> answers;
  {
    const auto jobs = gateway({.senders = 2, .update_timeout = 60s});
    for (int i = 0; i < 20; ++i) {
      auto [done, answer] = expectOne();
      jobs->update("absent", {}, done);
      answers.push_back(std::move(answer));
    }
  }
  for (auto& each : answers) {
    ASSERT_EQ(each.wait_for(0s), std::future_status::ready);
    const auto answer = each.get();
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::Unavailable);
  }
}

}  // namespace
}  // namespace libra::test
