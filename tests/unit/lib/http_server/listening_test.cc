#include "tests/unit/lib/http_server/http_server_over.h"

namespace libra::http::server_test {

TEST(HttpServers, ShareAListeningSocket) {
  const auto listening = listenTcp("127.0.0.1:0");
  ASSERT_TRUE(listening);
  HttpServer one({}, echo), two({}, echo);
  for (HttpServer* server : {&one, &two})
    server->onLoop([&](Server& here) { EXPECT_TRUE(here.listenOn(listening->get())); });
  for (HttpServer* ending : {&one, &two}) {
    RawClient client(localPort(listening->get()));
    client.send(get("/"));
    EXPECT_EQ(bodyOf(client.readAnswer()), "GET /");
    ending->end();
  }
}

TEST(Listening, TellsWhatIsWrongWithItsAddress) {
  const auto listening = listenTcp("127.0.0.1:0");
  ASSERT_TRUE(listening);
  const int port = localPort(listening->get());
  EXPECT_GT(port, 0);
  const auto taken = listenTcp("127.0.0.1:" + std::to_string(port));
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, ErrorCode::Unavailable);
  EXPECT_THAT(taken.error().message, EndsWith("Address already in use"));
  for (const char* address : {"", "127.0.0.1", "127.0.0.1:x", "::1:80"}) EXPECT_FALSE(listenTcp(address)) << address;
  EXPECT_TRUE(listenTcp("[::1]:0"));
  EXPECT_EQ(localPort(-1), 0);

  EventLoop loop;
  Server server(loop, {}, echo);
  EXPECT_FALSE(server.listenOn(-1));
  const Fd plain(::socket(AF_INET, SOCK_STREAM, 0));
  EXPECT_FALSE(server.listenOn(plain.get()));
}

}  // namespace libra::http::server_test
