// Jobs over verified TLS (design.md section 4), against real gearmands behind real fronts.

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <iostream>
#include <stdexcept>

#include "lib/base/handles.h"
#include "lib/gear/client.h"
#include "lib/gear/tls_pipe.h"
#include "lib/gear/worker.h"
#include "tests/support/tls_files.h"
#include "tests/support/tls_gearmand.h"
#include "tests/traffic/loopback_listener.h"

namespace libra::test {
namespace {

using namespace std::chrono_literals;
using gear::Client;
using gear::TlsPipe;
using gear::Worker;
using testing::HasSubstr;

class GearmanTls : public testing::Test {
 protected:
  static std::unique_ptr<TlsPipe> pipeTo(const gear::Connection& connection) {
    auto pipe = TlsPipe::open(connection);
    if (!pipe) throw std::runtime_error(pipe.error().message);
    return *std::move(pipe);
  }

  std::unique_ptr<TlsPipe> pipeTo(const std::vector<std::string>& servers) {
    return pipeTo(connectionTo(servers, controller_));
  }

  std::unique_ptr<Worker> device(const std::vector<std::string>& servers, Worker::Handler handler) {
    auto worker = std::make_unique<Worker>(connectionTo(servers, device_), "device1", "device1", std::move(handler));
    if (auto started = worker->start(); !started) throw std::runtime_error(started.error().message);
    return worker;
  }

  static std::string echo(const std::string& payload) { return "<" + payload + ">"; }

  static bool answers(const TlsPipe& pipe, std::size_t server) { return pipe.states().at(server).answers; }
  static bool allConnected(const Worker& worker) {
    const auto servers = worker.servers();
    return std::all_of(servers.begin(), servers.end(), [](const auto& server) { return server.connected; });
  }
  static bool succeeds(Client& client) { return bool(client.call("device1", "x", 2s)); }

  TempDir folder_;
  TestCa ca_{folder_.path()};
  TestCa other_ca_{folder_.path(), "other-ca"};
  tls::Files front_ = ca_.issue("front", {.dns = {"localhost"}, .ip = {"127.0.0.1"}, .uri = {"libra:jobserver"}});
  tls::Files controller_ = ca_.issue("controller", {.dns = {"controller"}, .uri = {"libra:controller"}});
  tls::Files device_ = ca_.issue("device1", {.dns = {"device1"}, .uri = {"libra:device:device1"}});
};

TEST_F(GearmanTls, CarriesAJobAndItsAnswer) {
  TlsGearmand jobs(front_);
  const auto pipe = pipeTo({jobs.server()});
  const auto worker = device({jobs.server()}, echo);
  Client client(*pipe, "controller");
  const auto answer = client.call("device1", "hello", 10s);
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(*answer, "<hello>");
}

TEST_F(GearmanTls, FindsAServerByName) {
  TlsGearmand jobs(front_);
  const auto pipe = pipeTo({"localhost:" + std::to_string(jobs.tlsPort())});
  EXPECT_TRUE(waitFor([&] { return pipe->usable(); })) << pipe->states().front().last_error;
}

TEST_F(GearmanTls, CarriesPayloadsOfAnyBytesAndMegabytes) {
  TlsGearmand jobs(front_);
  const auto pipe = pipeTo({jobs.server()});
  const auto worker = device({jobs.server()}, echo);
  Client client(*pipe, "controller");
  for (const auto& payload : {std::string(), std::string("\0\xff\r\n\0", 5), std::string(5'000'000, 'x')}) {
    const auto answer = client.call("device1", payload, 20s);
    ASSERT_TRUE(answer) << payload.size() << " bytes: " << answer.error().detail;
    EXPECT_TRUE(*answer == echo(payload)) << payload.size() << " bytes";
  }
}

TEST_F(GearmanTls, AHandlerThatThrowsFailsItsJobAlone) {
  TlsGearmand jobs(front_);
  const auto pipe = pipeTo({jobs.server()});
  const auto worker = device({jobs.server()}, [](const std::string& payload) {
    if (payload == "number") throw 42;
    if (payload != "good") throw std::invalid_argument("not good");
    return payload;
  });
  Client client(*pipe, "controller");
  for (const auto* bad : {"", "{", "number"}) {
    const auto answer = client.call("device1", bad, 10s);
    ASSERT_FALSE(answer);
    EXPECT_THAT(answer.error().detail, HasSubstr("failed"));
  }
  EXPECT_TRUE(client.call("device1", "good", 10s));
}

TEST_F(GearmanTls, EqualJobsAreNotMerged) {
  TlsGearmand jobs(front_);
  const auto pipe = pipeTo({jobs.server()});
  Client first(*pipe, "a"), second(*pipe, "b");
  first.start("device1", "same", 20s);
  second.start("device1", "same", 20s);
  EXPECT_FALSE(first.poll(300ms) || second.poll(300ms));  // both are queued: nobody serves yet
  std::atomic<int> handled = 0;
  const auto worker = device({jobs.server()}, [&](const std::string&) { return std::to_string(++handled); });
  EXPECT_TRUE(first.poll(20s).value());
  EXPECT_TRUE(second.poll(20s).value());
  EXPECT_EQ(handled, 2);
}

TEST_F(GearmanTls, AJobGivenUpIsForgottenByTheServer) {
  TlsGearmand jobs(front_);
  const auto pipe = pipeTo({jobs.server()});
  Client client(*pipe, "controller");
  const auto answer = client.call("device1", "late", 500ms);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::Unavailable);
  EXPECT_THAT(answer.error().detail, HasSubstr("accepted, but no answer in time"));
  std::atomic<int> handled = 0;
  const auto worker = device({jobs.server()}, [&](const std::string& payload) {
    ++handled;
    return payload;
  });
  EXPECT_TRUE(client.call("device1", "new", 10s));
  EXPECT_EQ(handled, 1);
}

TEST_F(GearmanTls, AWorkerThatStopsFinishesItsJob) {
  TlsGearmand jobs(front_);
  const auto pipe = pipeTo({jobs.server()});
  std::promise<void> begun, may_end;
  auto worker = device({jobs.server()}, [&](const std::string& payload) {
    begun.set_value();
    may_end.get_future().wait();
    return payload;
  });
  auto answer = std::async(std::launch::async, [&] { return Client(*pipe, "c").call("device1", "last", 20s); });
  begun.get_future().wait();
  auto stopped = std::async(std::launch::async, [&] { worker.reset(); });
  may_end.set_value();
  stopped.wait();
  EXPECT_TRUE(answer.get());
}

TEST_F(GearmanTls, JobsOfTwoServersAreHandledOneAtATime) {
  TlsGearmand a(front_), b(front_);
  const auto pipe_a = pipeTo({a.server()}), pipe_b = pipeTo({b.server()});
  std::atomic<int> inside = 0, most = 0;
  const auto worker = device({a.server(), b.server()}, [&](const std::string& payload) {
    most = std::max<int>(most, ++inside);
    std::this_thread::yield();
    --inside;
    return payload;
  });
  const auto many = [](TlsPipe& pipe) {
    Client client(pipe, "c");
    for (int i = 0; i < 50; ++i) EXPECT_TRUE(client.call("device1", "x", 10s));
  };
  auto other = std::async(std::launch::async, [&] { many(*pipe_a); });
  many(*pipe_b);
  other.wait();
  EXPECT_EQ(most, 1);
}

// --- nothing without verified TLS ---------------------------------------------

TEST_F(GearmanTls, DoesNotStartWithoutWhatVerifiesAndProvesIt) {
  const auto refused = [&](auto change) {
    auto connection = connectionTo({"127.0.0.1:4731"}, controller_);
    change(connection);
    const auto pipe = TlsPipe::open(connection);
    return !pipe && !Worker(connection, "device1", "device1", echo).start();
  };
  EXPECT_TRUE(refused([](auto& c) { c.ca.clear(); }));
  EXPECT_TRUE(refused([](auto& c) { c.certificate.clear(); }));
  EXPECT_TRUE(refused([](auto& c) { c.key.clear(); }));
  EXPECT_TRUE(refused([](auto& c) { c.key = "/nonexistent"; }));
  EXPECT_TRUE(refused([](auto& c) { c.ca = c.key; }));
  EXPECT_TRUE(refused([](auto& c) { c.servers.clear(); }));
  for (const auto* server : {"", "host", "host:", ":4731", "host:0", "host:70000", "host:1x", "::1:4731"})
    EXPECT_TRUE(refused([&](auto& c) { c.servers = {server}; })) << server;
  for (const auto* server : {"10.0.0.1:4730", "jobs.example:4730", "[2001:db8::1]:4730"})
    EXPECT_TRUE(refused([&](auto& c) { c.servers = {server}, c.clear_text = true; })) << server;
}

// Every way to be the wrong peer: nothing runs, and the pipe says (and logs) why.
TEST_F(GearmanTls, RefusesAndIsRefused) {
  TlsGearmand good(front_);
  TlsGearmand expired(ca_.issue("expired", {.ip = {"127.0.0.1"}, .days = -1}));
  TlsGearmand other_name(ca_.issue("elsewhere", {.dns = {"jobs.example"}, .ip = {"127.0.0.2"}}));
  const tls::Files stranger = other_ca_.issue("stranger");

  struct Case {
    const char* name;
    std::string server;
    tls::Files who;
    bool clear_text;
    const char* reason;
  };
  const tls::Files trusts_other{other_ca_.caFile(), controller_.certificate, controller_.key};
  const tls::Files unknown_here{ca_.caFile(), stranger.certificate, stranger.key};
  const Case cases[] = {
      {"server of another authority", good.server(), trusts_other, false, "certificate"},
      {"expired certificate", expired.server(), controller_, false, "expired"},
      {"certificate for another host", other_name.server(), controller_, false, "mismatch"},
      {"client of another authority", good.server(), unknown_here, false, "unknown ca"},
      {"server without TLS", good.plainServer(), controller_, false, ""},
      {"client without TLS", good.server(), controller_, true, "closed"},
  };

  auto bare = connectionTo({good.plainServer()}, device_);
  bare.clear_text = true;
  std::atomic<int> handled = 0;
  Worker worker(bare, "device1", "device1", [&](const std::string& payload) {
    ++handled;
    return payload;
  });
  ASSERT_TRUE(worker.start());
  for (const auto& each : cases) {
    SCOPED_TRACE(each.name);
    auto connection = connectionTo({each.server}, each.who);
    connection.clear_text = each.clear_text;
    const auto pipe = pipeTo(connection);
    Client client(*pipe, "controller");
    const auto answer = client.call("device1", "secret", 10s);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::Unavailable);
    EXPECT_FALSE(pipe->usable());
    EXPECT_NE(pipe->states().front().last_error, "");
    EXPECT_THAT(pipe->states().front().last_error, HasSubstr(each.reason));
  }
  EXPECT_EQ(handled, 0);
}

// Connections of one stranger's address that begin a handshake, or not even that, and go no further.
std::vector<Fd> floodFrom(const char* address, int port, int connections) {
  constexpr std::string_view kBegun("\x16\x03\x01\x02\x00\x01", 6);
  sockaddr_in from{}, to{};
  from.sin_family = to.sin_family = AF_INET;
  ::inet_pton(AF_INET, address, &from.sin_addr);
  ::inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
  to.sin_port = htons(static_cast<std::uint16_t>(port));
  std::vector<Fd> flood;
  for (int i = 0; i < connections; ++i) {
    Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::bind(socket.get(), reinterpret_cast<sockaddr*>(&from), sizeof from) != 0 ||
        ::connect(socket.get(), reinterpret_cast<sockaddr*>(&to), sizeof to) != 0)
      continue;
    if (i % 2 == 0) ::send(socket.get(), kBegun.data(), kBegun.size(), MSG_NOSIGNAL);
    flood.push_back(std::move(socket));
  }
  return flood;
}

// Those the peer has not closed.
std::ptrdiff_t heldOf(const std::vector<Fd>& connections) {
  return std::count_if(connections.begin(), connections.end(), [](const Fd& connection) {
    pollfd poll{connection.get(), POLLIN, 0};
    return ::poll(&poll, 1, 0) == 0;
  });
}

long residentKb(int pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmRSS:")) return std::atol(line.c_str() + 6);
  return 0;
}

TEST_F(GearmanTls, AFloodAtTheFrontHoldsUpNobody) {
  constexpr int kFlood = 4500;           // the front has room for 4,000
  constexpr std::ptrdiff_t kOne = 1001;  // of which one address may have so many
  constexpr auto kBeforeLate = 2500ms;   // who says nothing for three seconds is sent away anyway
  TlsGearmand jobs(front_);
  const auto worker = device({jobs.server()}, echo);
  ASSERT_TRUE(waitFor([&] { return allConnected(*worker); }));
  const auto before = residentKb(jobs.frontPid());
  const auto flood = floodFrom("127.0.0.77", jobs.tlsPort(), kFlood);
  EXPECT_TRUE(waitFor([&] { return heldOf(flood) <= kOne; }, kBeforeLate)) << heldOf(flood);
  const auto pipe = pipeTo({jobs.server()});
  Client client(*pipe, "controller");
  for (int i = 0; i < 20; ++i) {
    const auto answer = client.call("device1", "x", 10s);
    EXPECT_TRUE(answer) << answer.error().detail;
  }
  std::cout << "  front: " << before << " -> " << residentKb(jobs.frontPid()) << " kB under " << flood.size()
            << " connections\n";
}

TEST_F(GearmanTls, TheFirstBytesOnTheWireAreAHandshake) {
  const traffic::LoopbackListener listener;
  const auto pipe = pipeTo({"127.0.0.1:" + std::to_string(listener.port())});
  const Fd peer(::accept(listener.get(), nullptr, nullptr));
  unsigned char first[3];
  ASSERT_EQ(::recv(peer.get(), first, sizeof first, MSG_WAITALL), 3);
  EXPECT_EQ(first[0], 0x16);  // a TLS record of kind "handshake"
  EXPECT_EQ(first[1], 0x03);
}

TEST_F(GearmanTls, ClosesConnectionsOfForeignProcesses) {
  TlsGearmand jobs(front_);
  testing::internal::CaptureStderr();
  const auto pipe = pipeTo({jobs.server()});
  // Exit status 0 only if the pipe closes before anything was said.
  ChildProcess foreign(
      {"bash", "-c",
       "exec 3<>/dev/tcp/127.0.0.1/" + std::to_string(pipe->port()) + "; read -t 20 -u 3; [ $? -eq 1 ] && echo closed"},
      folder_ / "foreign.out");
  EXPECT_TRUE(waitFor([&] { return foreign.hasEnded(); }));
  EXPECT_EQ(foreign.output(), "closed\n");
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("foreign process"));
}

TEST_F(GearmanTls, TakesNewCertificatesWithoutARestart) {
  const std::string live = folder_ / "live";
  std::filesystem::create_directory(live);
  const tls::Files files{live + "/ca", live + "/crt", live + "/key"};
  const auto install = [&](const tls::Files& from) {
    const auto copy = [](const std::string& source, const std::string& target) {
      std::filesystem::copy_file(source, target, std::filesystem::copy_options::overwrite_existing);
    };
    copy(from.key, files.key), copy(from.certificate, files.certificate), copy(from.ca, files.ca);
  };
  install(other_ca_.issue("old"));
  TlsGearmand jobs(front_);
  const auto pipe = pipeTo(connectionTo({jobs.server()}, files));
  ASSERT_TRUE(waitFor([&] { return pipe->states().front().last_error != ""; }));
  ASSERT_FALSE(pipe->usable());
  install(controller_);
  EXPECT_TRUE(waitFor([&] { return pipe->usable(); })) << pipe->states().front().last_error;
}

// --- job servers that die, hang and come back -----------------------------------

TEST_F(GearmanTls, JobsGoOnWhenAServerIsKilled) {
  TlsGearmand a(front_), b(front_);
  const auto pipe = pipeTo({a.server(), b.server()});
  const auto worker = device({a.server(), b.server()}, echo);
  ASSERT_TRUE(waitFor([&] { return allConnected(*worker) && answers(*pipe, 0) && answers(*pipe, 1); }));
  Client client(*pipe, "controller");
  ASSERT_TRUE(succeeds(client));
  a.kill();
  EXPECT_TRUE(waitFor([&] { return succeeds(client); }));
  EXPECT_FALSE(answers(*pipe, 0));
}

TEST_F(GearmanTls, JobsGoOnWhenAServerHangs) {
  TlsGearmand a(front_), b(front_);
  const auto pipe = pipeTo({a.server(), b.server()});
  const auto worker = device({a.server(), b.server()}, echo);
  ASSERT_TRUE(waitFor([&] { return allConnected(*worker) && answers(*pipe, 0) && answers(*pipe, 1); }));
  Client client(*pipe, "controller");
  ASSERT_TRUE(succeeds(client));
  a.gearmand().signal(SIGSTOP);
  // One call: not accepted by the hung server, so it is sent to the other within its time.
  const auto answer = client.call("device1", "x", 10s);
  EXPECT_TRUE(answer) << answer.error().detail;
  EXPECT_THAT(pipe->states().front().last_error, HasSubstr("no answer"));
  a.gearmand().signal(SIGCONT);
  EXPECT_TRUE(waitFor([&] { return answers(*pipe, 0); }));
}

TEST_F(GearmanTls, BothEndsReturnByThemselvesAfterAllServersWereDown) {
  TlsGearmand a(front_), b(front_);
  const auto pipe = pipeTo({a.server(), b.server()});
  const auto worker = device({a.server(), b.server()}, echo);
  ASSERT_TRUE(waitFor([&] { return allConnected(*worker) && answers(*pipe, 0); }));
  Client client(*pipe, "controller");
  a.kill();
  b.kill();
  EXPECT_FALSE(succeeds(client));
  EXPECT_TRUE(waitFor([&] { return !pipe->usable(); }));
  a.start();
  b.start();
  EXPECT_TRUE(waitFor([&] { return succeeds(client); }, 20s));
  EXPECT_TRUE(waitFor([&] { return allConnected(*worker); }, 20s));
}

}  // namespace
}  // namespace libra::test
