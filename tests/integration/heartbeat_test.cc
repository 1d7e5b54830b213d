// Both ends of heartbeats over real sockets and real certificates, on one loop.

#include <gtest/gtest.h>

#include "lib/heartbeat/question.h"
#include "lib/heartbeat/receiver.h"
#include "lib/heartbeat/sender.h"
#include "lib/http/server.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tls_files.h"

namespace libra::heartbeat {
namespace {

using test::TestCa;
using Role = tls::ReloadingContext::Role;

const NetAddress kHere = *NetAddress::parse("127.0.0.1");
const HeldVip kVip{*NetAddress::parse("10.77.9.1"), 5};

class HeartbeatTest : public ::testing::Test, protected Pulse {
 protected:
  void SetUp() override { open("libra:controller"); }

  void open(const std::string& controller_uri) {
    const auto files = ca.issue("controller", {.ip = {"127.0.0.1"}, .uri = {controller_uri}});
    Receiver::Events events{
        .connected = [this](const std::string& device) -> Pulse& {
          said.push_back("connected " + device);
          return *this;
        },
        .holds = [this](const std::string& device,
                        const std::vector<HeldVip>& vips) { said.push_back(device + " " + write(Holds{vips})); },
        .proxy_lost = [this](const std::string& device) { said.push_back("proxy lost " + device); },
        .closed = [this](const std::string& device) { said.push_back("closed " + device); }};
    auto opened = Receiver::open(loop, clock, {.listen = {kHere, 0}, .interval = Millis(5)},
                                 *tls::ReloadingContext::open(files, Role::MutualServer), events);
    ASSERT_TRUE(opened) << opened.error().message;
    receiver = *std::move(opened);
  }
  void felt(const Beat& beat) override { last = beat, ++beats; }

  std::unique_ptr<Sender> device(const std::string& uri = "libra:device:lb-1") {
    const auto context = *tls::ReloadingContext::open(ca.issue("device", {.uri = {uri}}), Role::Client);
    const Endpoint controller{kHere, static_cast<std::uint16_t>(receiver->port())};
    return std::make_unique<Sender>(
        loop, clock, controller, context, ++boot,
        Sender::Events{[this](const HeldVip& vip) { dropped.push_back(vip); }, [this] { ++checked; }});
  }

  // Turns the loop until it holds, ten seconds at most.
  bool comes(const std::function<bool()>& holds) {
    const auto until = clock.monotonic() + std::chrono::seconds(10);
    Timer look(loop, [&] {
      if (holds() || clock.monotonic() > until) loop.stop();
    });
    look.every(Millis(1));
    loop.run();
    return holds();
  }
  bool isSaid(const std::string& what) {
    return comes([&] { return std::find(said.begin(), said.end(), what) != said.end(); });
  }

  test::TempDir folder;
  TestCa ca{folder.path()};
  EventLoop loop;
  SystemClock clock;
  std::unique_ptr<Receiver> receiver;
  std::vector<std::string> said;
  std::vector<HeldVip> dropped;
  Beat last;
  int beats = 0, checked = 0;
  std::uint64_t boot = 0;
};

TEST_F(HeartbeatTest, ADeviceConnectsBeatsAndTellsWhatItHolds) {
  const auto sender = device();
  EXPECT_TRUE(isSaid("connected lb-1"));
  EXPECT_TRUE(isSaid("lb-1 holds"));
  sender->tell({.generation = 7, .proxy_alive = true, .serving = true, .vips = {kVip}});
  EXPECT_TRUE(isSaid("lb-1 holds 10.77.9.1/5"));
  EXPECT_TRUE(comes([&] { return last.generation == 7 && last.proxy_alive && last.vips == 1; }));
  EXPECT_EQ(receiver->counts().refused, 0u);
}

TEST_F(HeartbeatTest, AProbeIsAnsweredByABeat) {
  receiver.reset();
  const auto files = ca.issue("controller", {.ip = {"127.0.0.1"}, .uri = {"libra:controller"}});
  receiver =
      *Receiver::open(loop, clock, {.listen = {kHere, 0}, .interval = Millis(60'000)},
                      *tls::ReloadingContext::open(files, Role::MutualServer),
                      {[this](auto&) -> Pulse& { return *this; }, [](auto&, auto&) {}, [](auto&) {}, [](auto&) {}});
  const auto sender = device();
  ASSERT_TRUE(comes([&] { return beats == 1; }));
  receiver->probe("lb-1");
  EXPECT_TRUE(comes([&] { return beats == 2; }));
}

TEST_F(HeartbeatTest, TheEndOfADeviceIsHeardAtOnce) {
  auto sender = device();
  ASSERT_TRUE(comes([&] { return beats > 2; }));
  sender.reset();
  EXPECT_TRUE(isSaid("closed lb-1"));
  EXPECT_EQ(receiver->connections(), 0u);
}

TEST_F(HeartbeatTest, TheNewestConnectionOfANameCounts) {
  const auto first = device();
  ASSERT_TRUE(isSaid("connected lb-1"));
  said.clear();
  const auto second = device();
  ASSERT_TRUE(isSaid("connected lb-1"));
  EXPECT_EQ(receiver->connections(), 1u);
  EXPECT_EQ(std::count(said.begin(), said.end(), "closed lb-1"), 0);
}

TEST_F(HeartbeatTest, WhatTheControllerSaysIsHeard) {
  const auto sender = device();
  ASSERT_TRUE(isSaid("connected lb-1"));
  receiver->send("lb-1", Drop{kVip});
  receiver->send("lb-1", Checked{});
  receiver->send("stranger", Checked{});
  EXPECT_TRUE(comes([&] { return checked == 1; }));
  EXPECT_EQ(dropped, std::vector{kVip});
}

TEST_F(HeartbeatTest, ALostProxyIsToldOnceToEachController) {
  const auto sender = device();
  ASSERT_TRUE(isSaid("connected lb-1"));
  sender->tellProxyLost();
  sender->tellProxyLost();
  sender->tell({.vips = {kVip}});
  EXPECT_TRUE(isSaid("lb-1 holds 10.77.9.1/5"));
  EXPECT_EQ(std::count(said.begin(), said.end(), "proxy lost lb-1"), 1);
}

TEST_F(HeartbeatTest, ACertificateOfNoDeviceIsTurnedAway) {
  const auto stranger = device("libra:controller"), known = device();
  EXPECT_TRUE(comes([&] { return beats > 2; }));
  EXPECT_EQ(said.front(), "connected lb-1");
  EXPECT_FALSE(stranger->connected());
}

TEST_F(HeartbeatTest, ADeviceBeatsForNobodyButAController) {
  receiver.reset();
  open("libra:device:lb-2");
  const auto sender = device();
  ASSERT_TRUE(comes([&] { return receiver->connections() == 0 && !sender->connected(); }));
  EXPECT_TRUE(said.empty());
}

TEST_F(HeartbeatTest, DatagramsOfNobodyAreCountedAndNoMore) {
  const auto sender = device();
  ASSERT_TRUE(comes([&] { return beats > 2; }));
  const auto socket = *Datagrams::connect(loop, {kHere, static_cast<std::uint16_t>(receiver->port())}, [](auto) {});
  Beat forged = last;
  forged.sequence += 1'000'000;
  const Key key(Secret{});
  socket->send(*seal(forged, key));
  socket->send(Bytes{});
  std::uint64_t refused = 0;
  EXPECT_TRUE(comes([&] { return (refused = receiver->counts().refused) == 2; })) << refused;
  const int before = beats;
  EXPECT_TRUE(comes([&] { return beats > before + 2; })) << "the true ones count on";
}

ProxyState ask(EventLoop& loop, std::uint16_t port) {
  auto state = ProxyState::Silent;
  Question question(loop, {kHere, port}, Millis(200), [&](ProxyState answer) {
    state = answer;
    loop.stop();
  });
  loop.run();
  return state;
}

TEST(Question, TellsARefusalFromSilence) {
  EventLoop loop;
  auto listener = *http::listenTcp("127.0.0.1:0");
  const auto port = static_cast<std::uint16_t>(http::localPort(listener.get()));
  EXPECT_EQ(ask(loop, port), ProxyState::Silent) << "accepted by the kernel alone";
  listener = Fd();
  EXPECT_EQ(ask(loop, port), ProxyState::Refused);
}

}  // namespace
}  // namespace libra::heartbeat
