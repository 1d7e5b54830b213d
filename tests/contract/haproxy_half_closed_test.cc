// What halfClosed means: a client that has ended its side hears the node's answer even when it
// comes later than anybody else's would be waited for; over TLS too.

#include <sys/socket.h>

#include <csignal>
#include <future>
#include <thread>

#include "lib/tls/context.h"
#include "tests/contract/haproxy_world.h"
#include "tests/support/certificates.h"
#include "tests/support/raw_client.h"
#include "tests/traffic/loopback_listener.h"

namespace libra::sidecar {
namespace {

using namespace libra::test;

// A node that hears each client to its end, and answers when it is told to.
class LateNode {
 public:
  explicit LateNode(int clients) : clients_(static_cast<std::size_t>(clients)) {
    thread_ = std::thread([this] { run(); });
  }
  ~LateNode() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    answer();
    thread_.join();
  }

  std::uint16_t port() const { return listener_.port(); }
  bool heardAll() { return heard_.get_future().wait_for(std::chrono::seconds(20)) == std::future_status::ready; }
  void answer() {
    if (!std::exchange(told_, true)) answer_.set_value();
  }

 private:
  // Checks of the proxy connect too, and say nothing.
  void run() {
    std::vector<Fd> ended;
    while (ended.size() < clients_) {
      Fd client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!client) return;
      std::string said;
      char bytes[64];
      for (long got; (got = ::recv(client.get(), bytes, sizeof bytes, 0)) > 0;)
        said.append(bytes, static_cast<std::size_t>(got));
      if (said == "question") ended.push_back(std::move(client));
    }
    heard_.set_value();
    answer_.get_future().wait();
    for (const auto& client : ended) (void)::send(client.get(), "answer", 6, MSG_NOSIGNAL);
  }

  const std::size_t clients_;
  const traffic::LoopbackListener listener_;
  std::promise<void> heard_, answer_;
  bool told_ = false;
  std::thread thread_;
};

void askAndEnd(RawClient& client) {
  client.send("question");
  client.stopSending();
}

using HaproxyHalfClosed = HaproxyWorld;

TEST_F(HaproxyHalfClosed, ALateAnswerReachesAClientThatHasEndedByTlsToo) {
  std::signal(SIGPIPE, SIG_IGN);
  const Certificates certificates;
  LateNode node(3);
  auto half = aBalancer("15", proxy_.port(0), {aNode("501", node.port())}, Protocol::Tcp);
  half.half_closed = true;
  half.tls = aTermination(proxy_.port(3), certificates.make());
  const auto other = aBalancer("16", proxy_.port(1), {aNode("502", node.port())}, Protocol::Tcp);
  apply(aDevice(1, {half, other}));

  RawClient plain(proxy_.port(0)), secure(proxy_.port(3), *tls::unverifiedClientContext()), bounded(proxy_.port(1));
  for (auto* client : {&plain, &secure, &bounded}) askAndEnd(*client);
  ASSERT_TRUE(node.heardAll());
  // The last one's end tells that the time is over which the others are not bound to.
  EXPECT_TRUE(bounded.sawClose() || bounded.sawClose());
  node.answer();
  EXPECT_EQ(plain.readAll(), "answer");
  EXPECT_EQ(secure.readAll(), "answer");
}

}  // namespace
}  // namespace libra::sidecar
