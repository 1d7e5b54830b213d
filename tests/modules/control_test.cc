#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "tests/modules/lb_world.h"

// What comes in by the control socket, and what goes out.

namespace libra::test {
namespace {

class Control : public LbWorld {};

Fd listenOn(int port) {
  Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || ::listen(fd.get(), 64) != 0)
    throw std::runtime_error("cannot listen");
  return fd;
}

TEST_F(Control, TheSameRevisionAgainIsTheSameAnswer) {
  const auto text = state(lb("web", port_, peer("a")));
  const auto first = put(text);
  ASSERT_EQ(first.status, 200);
  EXPECT_EQ(put(text).body, first.body);
  EXPECT_EQ(put(stateOf(revision_, "")).status, 409);
  EXPECT_EQ(put(stateOf(revision_ - 1, "")).status, 400);  // 0 is none
  ASSERT_EQ(web(peer("b")).status, 200);
  EXPECT_EQ(put(text).status, 409);  // older
  EXPECT_EQ(shares(2), (std::map<std::string, int>{{"b", 2}}));
}

TEST_F(Control, AnswersWhenEveryWorkerHasIt) {
  for (int i = 0; i < 20; ++i) {
    ASSERT_EQ(put(state(lb("web", i % 2 ? port_ : other_port_, peer("a")))).status, 200);
    const auto text = json::parse(status());
    const auto workers = (*text)["workers"];
    ASSERT_EQ(workers.size(), 2U);
    for (std::size_t w = 0; w < 2; ++w) EXPECT_EQ(workers[w]["applied"].integer(), (*text)["sequence"].integer());
    EXPECT_TRUE(acceptsTcp(i % 2 ? port_ : other_port_));
    EXPECT_FALSE(acceptsTcp(i % 2 ? other_port_ : port_));
  }
}

TEST_F(Control, AListenerHandedOverServesAlsoWhatItHadQueued) {
  auto listener = listenOn(port_);
  KeptConnection queued(static_cast<std::uint16_t>(port_));  // before nginx knows of it
  const auto text = R"({"id":"web","server":"http","listen":[{"address":"127.0.0.1:)" + std::to_string(port_) +
                    R"(","descriptor":0}],"peers":[)" + peer("a") + "]}";
  ASSERT_EQ(put(state(text), {listener.get()}).status, 200);
  listener = Fd();
  EXPECT_EQ(queued.get().firstLine(), "a");
  EXPECT_EQ(shares(4), (std::map<std::string, int>{{"a", 4}}));
  ASSERT_EQ(put(state("")).status, 200);
  EXPECT_FALSE(acceptsTcp(port_));
}

TEST_F(Control, ListenersAreHandedBack) {
  ASSERT_EQ(web(peer("a")).status, 200);
  std::vector<int> received;
  const auto answer = nginx_.ask("control.sock", "GET", "/listeners", "", {}, &received);
  EXPECT_EQ(answer.body, R"({"listeners":["127.0.0.1:)" + std::to_string(port_) + "\"]}");
  ASSERT_EQ(received.size(), 1U);
  const Fd listener(received[0]);
  sockaddr_in bound{};
  socklen_t size = sizeof bound;
  ASSERT_EQ(::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&bound), &size), 0);
  EXPECT_EQ(ntohs(bound.sin_port), port_);
}

struct Hostile {
  const char* name;
  std::string method, path, body;
  int status;
};

TEST_F(Control, HostileInputIsRefusedAndChangesNothing) {
  ASSERT_EQ(web(peer("a")).status, 200);
  const auto before = nginx_.ask("control.sock", "GET", "/state").body;
  const auto pids = nginx_.workers();
  const auto with = [&](const std::string& member) { return stateOf(9, "{\"id\":\"x\"," + member + "}"); };
  for (const auto& [name, method, path, body, status] : std::vector<Hostile>{
           {"no JSON", "PUT", "/state", "{", 400},
           {"empty", "PUT", "/state", "", 400},
           {"binary", "PUT", "/state", std::string("\0\xff\x80{", 4), 400},
           {"deep", "PUT", "/state", std::string(500'000, '['), 400},
           {"too large", "PUT", "/state", std::string(5 << 20, ' '), 413},
           {"unknown server", "PUT", "/state", with(R"("server":"nope")"), 400},
           {"no such descriptor", "PUT", "/state",
            with(R"("server":"http","listen":[{"address":"127.0.0.1:9","descriptor":3}])"), 400},
           {"too many peers", "PUT", "/state",
            with("\"peers\":[" +
                 [] {
                   std::string peers = "{}";
                   for (int i = 0; i < 4096; ++i) peers += ",{}";
                   return peers + "]";
                 }()),
            507},
           {"port of another", "PUT", "/state",
            with(R"("server":"http","listen":[{"address":"127.0.0.1:)" + std::to_string(b_.port()) + R"("}])"), 409},
           {"unknown peer", "PUT", "/health", R"({"health":[{"loadBalancer":"x","peer":"y","up":true}]})", 404},
           {"unknown path", "GET", "/x", "", 404},
           {"wrong method", "POST", "/state", "{}", 404},
           {"no method", "NONSENSE", "/state", "{}", 404}}) {
    EXPECT_EQ(nginx_.ask("control.sock", method, path, body).status, status) << name;
  }
  EXPECT_EQ(nginx_.ask("control.sock", "GET", "/state").body, before);
  EXPECT_EQ(nginx_.workers(), pids);
  EXPECT_EQ(shares(2), (std::map<std::string, int>{{"a", 2}}));
}

TEST_F(Control, DescriptorsThatAreNoListenersOfTheAddressAreRefused) {
  const auto listener = listenOn(other_port_);
  const auto text = R"({"id":"web","server":"http","listen":[{"address":"127.0.0.1:)" + std::to_string(port_) +
                    R"(","descriptor":0}]})";
  EXPECT_EQ(put(state(text), {listener.get()}).status, 400);
  EXPECT_EQ(put(state(text), {0}).status, 400);
  EXPECT_EQ(put(state(text)).status, 400);
  EXPECT_FALSE(acceptsTcp(port_));
}

}  // namespace
}  // namespace libra::test
