#include "tests/unit/lib/http_server/http_server_over.h"

namespace libra::http::server_test {

TEST_P(HttpServerOver, DrainsWithoutLosingAnAnswer) {
  std::promise<Reply> held;
  start([&](Request request, Reply reply) { request.path == "/hold" ? held.set_value(reply) : echo(request, reply); });
  RawClient idle = connect(), busy = connect();
  idle.send(get("/"));
  idle.readAnswer();
  busy.send(get("/hold") + get("/not read any more"));
  const Reply reply = held.get_future().get();

  std::promise<void> drained;
  server_->drain(20s, [&] { drained.set_value(); });
  EXPECT_EQ(idle.readAll(), "");
  EXPECT_EQ(server_->connections(), 1);
  EXPECT_FALSE(RawClient(server_->port()).connected());
  reply(Response(200, "the last"));
  const std::string answer = busy.readAll();
  EXPECT_THAT(answer, HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_EQ(bodyOf(answer), "the last");
  busy.leave();
  drained.get_future().wait();
}

TEST_P(HttpServerOver, AnswersWhileDrainingWhoeverIsConnected) {
  start(echo, {.handshake = 20s, .drain = 20s});
  RawClient fresh = connect(), kept = connect();
  kept.send(get("/"));
  kept.readAnswer();
  ASSERT_TRUE(eventually([&] { return server_->connections() == 2; }));

  std::promise<void> drained;
  server_->drain(20s, [&] { drained.set_value(); });
  for (RawClient* client : {&kept, &fresh}) {
    client->send(get("/last"));
    const std::string answer = client->readAll();
    EXPECT_THAT(answer, HasSubstr("\r\nConnection: close\r\n"));
    EXPECT_EQ(bodyOf(answer), "GET /last");
    client->leave();
  }
  drained.get_future().wait();
}

// As an upgrade does it: each request on a connection of its own, taken by whichever server listens.
TEST_P(HttpServerOver, HandsOverAListeningSocketWithoutLosingARequest) {
  const auto listening = listenTcp("127.0.0.1:0");
  ASSERT_TRUE(listening);
  startOn(listening->get());
  // Before the threads: OpenSSL completes an authority at its first use, guarded by atomics
  // that the thread sanitizer does not see.
  RawClient first = connect();
  first.send(get("/"));
  ASSERT_EQ(bodyOf(first.readAnswer()), "GET /");
  first.leave();
  const tls::Context context = client_context_;
  std::atomic<bool> over = false;
  std::atomic<int> answered = 0;
  const auto ask = [&] {
    for (int request = 0; !over; ++request) {
      RawClient client(localPort(listening->get()), context);
      client.send(get("/"));
      ASSERT_EQ(bodyOf(client.readAnswer()), "GET /") << "request " << request << ' ' << client.failure();
      ++answered;
    }
  };
  std::thread clients[] = {std::thread(ask), std::thread(ask), std::thread(ask)};
  for (int i = 0; i < 20; ++i) {
    drain();
    startOn(listening->get());
    EXPECT_TRUE(eventually([&, before = answered.load()] { return answered > before + 5; }));
  }
  over = true;
  for (auto& client : clients) client.join();
}

TEST_P(HttpServerOver, DrainsNoLongerThanItsPatience) {
  std::promise<Reply> held;
  start([&](Request, Reply reply) { held.set_value(reply); });
  RawClient client = connect();
  client.send(get("/"));
  const Reply reply = held.get_future().get();
  std::promise<void> drained;
  server_->drain(50ms, [&] { drained.set_value(); });
  drained.get_future().wait();
  EXPECT_EQ(client.readAll(), "");
}

TEST_P(HttpServerOver, DrainsAtOnceWhenThereIsNothing) {
  start();
  std::promise<void> drained;
  server_->drain(20s, [&] { drained.set_value(); });
  drained.get_future().wait();
}

}  // namespace libra::http::server_test
