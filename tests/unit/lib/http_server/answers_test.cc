#include "tests/unit/lib/http_server/http_server_over.h"

namespace libra::http::server_test {

TEST_P(HttpServerOver, TakesAnswersFromOtherThreads) {
  std::vector<std::thread> workers;
  start([&](Request request, Reply reply) {
    workers.emplace_back([request = std::move(request), reply] {
      reply(Response(200, request.path));
      reply(Response(500, "a second call does nothing"));
    });
  });
  RawClient client = connect();
  for (int i = 0; i < 20; ++i) {
    client.send(get("/" + std::to_string(i)));
    EXPECT_EQ(bodyOf(client.readAnswer()), "/" + std::to_string(i));
  }
  EXPECT_EQ(server_->inFlight(), 0);
  for (auto& worker : workers) worker.join();
}

TEST_P(HttpServerOver, Answers500ForAReplyNobodyCalled) {
  start([](Request, Reply) {});
  RawClient client = connect();
  client.send(get("/") + get("/"));
  for (int i = 0; i < 2; ++i) {
    const std::string answer = client.readAnswer();
    EXPECT_EQ(statusOf(answer), "HTTP/1.1 500 Internal Server Error");
    EXPECT_EQ(bodyOf(answer), "refused 500 ");
  }
}

TEST_P(HttpServerOver, DropsAnAnswerWhoseClientHasLeft) {
  std::promise<Reply> held;
  start([&](Request request, Reply reply) { request.path == "/hold" ? held.set_value(reply) : echo(request, reply); });
  RawClient client = connect();
  client.send(get("/hold"));
  const Reply reply = held.get_future().get();
  EXPECT_EQ(server_->inFlight(), 1);
  client.leave();
  reply(Response(200, std::string(1'000'000, 'x')));
  EXPECT_TRUE(eventually([&] { return server_->inFlight() == 0 && server_->connections() == 0; }));
  RawClient another = connect();
  another.send(get("/"));
  EXPECT_EQ(bodyOf(another.readAnswer()), "GET /");
}

TEST_P(HttpServerOver, DropsAnAnswerAfterTheServerAndItsLoopAreGone) {
  std::promise<Reply> first, second;
  start([&](Request request, Reply reply) { (request.path == "/1" ? first : second).set_value(reply); });
  RawClient one = connect(), two = connect();
  one.send(get("/1"));
  two.send(get("/2"));
  const Reply early = first.get_future().get(), late = second.get_future().get();
  server_->end();
  EXPECT_EQ(one.readAll(), "");
  early(Response(200));
  server_.reset();
  late(Response(200));
}

TEST_P(HttpServerOver, MayEndWithinItsHandler) {
  std::promise<void> ended;
  start([&](Request, Reply reply) {
    server_->end();
    reply(Response(200));
    ended.set_value();
  });
  RawClient client = connect();
  client.send(get("/") + get("/"));
  ended.get_future().wait();
  EXPECT_EQ(client.readAll(), "");
}

TEST_P(HttpServerOver, OutlivesClientsThatLeaveAtAnyPoint) {
  start([](Request, Reply reply) { reply(Response(200, std::string(300'000, 'x'))); });
  const std::string whole = post(20) + std::string(20, 'b');
  for (std::size_t cut = 1; cut <= whole.size(); cut += 7) {
    RawClient client = connect();
    client.send(whole.substr(0, cut));
    client.leave();
  }
  for (const std::size_t part : {1, 1000, 100'000}) {
    RawClient client = connect();
    client.send(get("/"));
    client.readUntil(std::string(part, 'x'));
    client.leave();
  }
  EXPECT_TRUE(eventually([&] { return server_->connections() == 0; }));
}

TEST_P(HttpServerOver, KeepsHeadersOfAnAnswerWithinTheirLines) {
  start([](Request, Reply reply) {
    Response response(200);
    response.headers = {{"Location", "/a\r\nSet-Cookie: b"}, {"X Y", "z"}, {"Content-Length", "7"}, {"X-Good", "yes"}};
    reply(response);
  });
  RawClient client = connect();
  client.send(get("/"));
  const std::string answer = client.readAnswer();
  EXPECT_THAT(answer, Not(HasSubstr("Set-Cookie")));
  EXPECT_THAT(answer, Not(HasSubstr("X Y")));
  EXPECT_THAT(answer, Not(HasSubstr("Content-Length: 7")));
  EXPECT_THAT(answer, HasSubstr("\r\nX-Good: yes\r\n"));
}

}  // namespace libra::http::server_test
