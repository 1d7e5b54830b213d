// The sidecar's own checks against real servers, kind ones and hostile ones.

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <future>
#include <set>
#include <thread>

#include "sidecar/checks/prober.h"
#include "tests/support/http_server.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tls_files.h"
#include "tests/traffic/loopback_listener.h"

namespace libra::sidecar::checks {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using What = Finding::What;

// Takes connections and says one thing on each, then closes or stays silent.
class Saying {
 public:
  explicit Saying(std::string text, bool closes = true) : text_(std::move(text)), closes_(closes) {
    thread_ = std::thread([this] { run(); });
  }
  ~Saying() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
  }
  std::uint16_t port() const { return listener_.port(); }

 private:
  void run() {
    std::vector<Fd> kept;
    for (;;) {
      Fd client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!client) return;
      for (std::string_view left = text_; !left.empty();) {
        const auto sent = ::send(client.get(), left.data(), left.size(), MSG_NOSIGNAL);
        if (sent <= 0) break;
        left.remove_prefix(static_cast<std::size_t>(sent));
      }
      char ignored[4096];
      if (closes_)
        ::shutdown(client.get(), SHUT_WR), (void)::recv(client.get(), ignored, sizeof ignored, 0);
      else
        kept.push_back(std::move(client));
    }
  }

  const std::string text_;
  const bool closes_;
  const traffic::LoopbackListener listener_;
  std::thread thread_;
};

protocol::MonitorState monitor(MonitorType type, seconds timeout = seconds(10)) {
  protocol::MonitorState wanted;
  wanted.type = type;
  wanted.timeout = timeout;
  return wanted;
}

Finding look(const protocol::MonitorState& wanted, int port) {
  EventLoop loop;
  const auto start = networkProbes(loop);
  Finding finding;
  std::unique_ptr<Probe> probe;
  const Peer peer{{*NetAddress::parse("127.0.0.1"), static_cast<std::uint16_t>(port)}, *Monitor::make(wanted)};
  loop.post([&] {
    probe = (*start)(peer, [&](const Finding& found) {
      finding = found;
      probe.reset();
      loop.stop();
    });
  });
  loop.run();
  return finding;
}

http::Server::Handler echo() {
  return [](const http::Request& request, http::Reply reply) {
    const int status = request.path == "/gone" ? 410 : 200;
    reply({status, "host=" + std::string(request.headers.get("Host")) + " state=good"});
  };
}

TEST(Checks, AConnectionIsEnoughForConnectAndARefusalIsNot) {
  std::uint16_t port = 0;
  {
    const Saying server("");
    port = server.port();
    EXPECT_EQ(look(monitor(MonitorType::Connect), port).what, What::Passed);
  }
  const auto refused = look(monitor(MonitorType::Connect), port);
  EXPECT_EQ(refused.what, What::Failed);
  EXPECT_EQ(refused.reason, "Connection refused");
}

TEST(Checks, PathHostStatusAndBodyDecideOverHttpAndHttps) {
  const test::TempDir folder;
  const test::TestCa ca(folder.path());
  const auto tls = tls::ReloadingContext::open(ca.issue("node"), tls::ReloadingContext::Role::Server);
  ASSERT_TRUE(tls);
  test::HttpServer plain({}, echo()), secure({.tls = *tls}, echo());
  struct {
    const char *path, *host, *status, *body;
    What what;
    const char* reason;
  } cases[] = {
      {"/", "", "", "", What::Passed, "status 200"},
      {"/gone", "", "", "", What::Failed, "status 410"},
      {"/gone", "", "^4\\d\\d$", "", What::Passed, "status 410"},
      {"/", "", "^3", "", What::Failed, "status 200"},
      {"/", "www.a.example", "", "host=www\\.a\\.example", What::Passed, "status 200"},
      {"/", "", "", "host=127\\.0\\.0\\.1 state=good$", What::Passed, "status 200"},
      {"/", "", "", "state=bad", What::Failed, "the body does not match"},
  };
  for (const auto type : {MonitorType::Http, MonitorType::Https})
    for (const auto& c : cases) {
      auto wanted = monitor(type);
      wanted.path = c.path;
      wanted.host = c.host;
      wanted.status_regex = c.status;
      wanted.body_regex = c.body;
      const auto finding = look(wanted, type == MonitorType::Http ? plain.port() : secure.port());
      EXPECT_EQ(finding.what, c.what) << c.path << " " << c.body;
      EXPECT_EQ(finding.reason, c.reason);
    }
  EXPECT_EQ(look(monitor(MonitorType::Https), plain.port()).what, What::Failed);
}

TEST(Checks, ANodeThatStaysSilentFailsAtTheTimeoutAndNotBefore) {
  const Saying server("HTTP/1.1 200 OK\r\n", false);
  const auto began = std::chrono::steady_clock::now();
  const auto finding = look(monitor(MonitorType::Http, seconds(1)), server.port());
  EXPECT_EQ(finding.what, What::Failed);
  EXPECT_EQ(finding.reason, "no answer within 1 s");
  EXPECT_GE(std::chrono::steady_clock::now() - began, milliseconds(990));
}

TEST(Checks, HostileAnswersOnlyFail) {
  const std::string endless = "HTTP/1.1 200 OK\r\n\r\n" + std::string(4 << 20, 'a');
  struct {
    std::string text;
    MonitorType type;
    What what;
  } cases[] = {
      {std::string(1 << 20, 'x'), MonitorType::Http, What::Failed},
      {"", MonitorType::Http, What::Failed},
      {std::string("HTTP/1.1 200\0\0\r\n\r\n", 18), MonitorType::Http, What::Failed},
      {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\naa", MonitorType::Http, What::Failed},
      {endless, MonitorType::Http, What::Failed},
      {"\x16\x03\x01\xff\xff" + std::string(100'000, '\xff'), MonitorType::Https, What::Failed},
  };
  for (const auto& c : cases) {
    const Saying server(c.text);
    auto wanted = monitor(c.type);
    wanted.body_regex = "^(a+)+b$";
    EXPECT_EQ(look(wanted, server.port()).what, c.what) << c.text.substr(0, 40);
  }
}

TEST(Checks, AThousandNodesAreCheckedByOneLoop) {
  const Saying good("HTTP/1.0 200 OK\r\n\r\n"), bad("HTTP/1.0 500 No\r\n\r\n");
  auto wanted = monitor(MonitorType::Http, seconds(1));
  wanted.delay = seconds(1);
  wanted.attempts = 1;
  const auto made = *Monitor::make(wanted);
  std::map<PeerKey, Peer> peers;
  for (int i = 0; i < 1000; ++i)
    peers[{"15", std::to_string(i)}] = {{*NetAddress::parse("127.0.0.1"), i % 2 ? bad.port() : good.port()}, made};

  EventLoop loop;
  SystemClock clock;
  std::set<std::string> down;
  Prober prober(loop, clock,
                {[&](const PeerKey& key, const PeerVerdict& verdict) {
                   if (!verdict.up && verdict.reason == "status 500") down.insert(key.node);
                   if (down.size() == 500) loop.stop();
                 },
                 *networkProbes(loop)});
  Timer patience(loop, [&] { loop.stop(); });
  loop.post([&] {
    prober.watch(peers);
    patience.once(seconds(60));
  });
  loop.run();
  EXPECT_EQ(down.size(), 500u);
  for (const auto& node : down) EXPECT_EQ(std::stoi(node) % 2, 1) << node;
}

}  // namespace
}  // namespace libra::sidecar::checks
