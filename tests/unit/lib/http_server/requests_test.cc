#include "tests/unit/lib/http_server/http_server_over.h"

namespace libra::http::server_test {

INSTANTIATE_TEST_SUITE_P(Transports, HttpServerOver, testing::Values(Transport{"Plain", false}, Transport{"Tls", true}),
                         [](const auto& transport) { return transport.param.name; });

TEST_P(HttpServerOver, AnswersManyRequestsOnOneConnection) {
  start();
  RawClient client = connect();
  for (int i = 0; i < 3; ++i) {
    client.send(get("/" + std::to_string(i)));
    const std::string answer = client.readAnswer();
    EXPECT_EQ(statusOf(answer), "HTTP/1.1 200 OK");
    EXPECT_EQ(bodyOf(answer), "GET /" + std::to_string(i));
    EXPECT_THAT(answer, HasSubstr("\r\nContent-Type: application/json\r\n"));
    EXPECT_THAT(answer, Not(HasSubstr("Connection:")));
  }
  EXPECT_EQ(server_->connections(), 1);
}

TEST_P(HttpServerOver, AnswersWhatWasSentAheadInItsOrder) {
  start();
  RawClient client = connect();
  std::string ahead;
  for (int i = 0; i < 50; ++i) ahead += get("/" + std::to_string(i)) + post(3) + "abc";
  client.send(ahead);
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(bodyOf(client.readAnswer()), "GET /" + std::to_string(i));
    EXPECT_EQ(bodyOf(client.readAnswer()), "abc");
  }
}

TEST_P(HttpServerOver, GivesTheHandlerTheWholeRequest) {
  std::promise<Request> seen;
  start([&](Request request, Reply reply) {
    reply(Response(202));
    seen.set_value(std::move(request));
  });
  RawClient client = connect();
  client.send("PURGE /a%20b?c=d HTTP/1.1\r\n" + kHostLine + "X-Token: t\r\nContent-Length: 2\r\n\r\nhi");
  const std::string answer = client.readAnswer();
  const Request request = seen.get_future().get();
  EXPECT_EQ(statusOf(answer), "HTTP/1.1 202 Accepted");
  EXPECT_THAT(answer, HasSubstr("\r\nX-Request-Id: " + request.id + "\r\n"));
  EXPECT_EQ(request.method, "PURGE");
  EXPECT_EQ(request.path, "/a%20b");
  EXPECT_EQ(request.query, "c=d");
  EXPECT_EQ(request.headers.get("x-token"), "t");
  EXPECT_EQ(request.body, "hi");
  ASSERT_TRUE(request.remote);
  EXPECT_EQ(request.remote->str(), "127.0.0.1");
  EXPECT_GT(request.remote_port, 0);
}

TEST_P(HttpServerOver, CarriesTenMegabytesBothWays) {
  start(echo, {.body_bytes = 11'000'000});
  RawClient client = connect();
  std::string body;
  while (body.size() < 10'000'000) body += std::to_string(body.size()) + " ";
  client.send(post(body.size()));
  client.send(body);
  EXPECT_TRUE(bodyOf(client.readAnswer()) == body);
  client.send(get("/after"));
  EXPECT_EQ(bodyOf(client.readAnswer()), "GET /after");
}

TEST_P(HttpServerOver, SendsNoBodyWhereNoneBelongs) {
  start([](Request request, Reply reply) { reply(Response(request.path == "/none" ? 204 : 200, "body")); });
  RawClient client = connect();
  client.send("HEAD / HTTP/1.1\r\n" + kHostLine + "\r\n" + get("/none") + get("/"));
  const std::string head = client.readUntil("\r\n\r\n");
  EXPECT_THAT(head, HasSubstr("\r\nContent-Length: 4\r\n"));
  const std::string none = client.readUntil("\r\n\r\n");
  EXPECT_EQ(statusOf(none), "HTTP/1.1 204 No Content");
  EXPECT_THAT(none, Not(HasSubstr("Content-Length")));
  EXPECT_EQ(bodyOf(client.readAnswer()), "body");
}

TEST_P(HttpServerOver, AsksForTheBodyOfAClientThatWaits) {
  start();
  RawClient client = connect();
  client.send(post(2, "Expect: 100-continue\r\n"));
  EXPECT_EQ(client.readUntil("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("hi");
  EXPECT_EQ(bodyOf(client.readAnswer()), "hi");
}

TEST_P(HttpServerOver, RefusesAndClosesWhereARequestIsNotSound) {
  start(echo, {.header_bytes = 1000, .body_bytes = 100});
  struct Row {
    std::string sent, status, body;
  };
  const Row rows[] = {
      {"nonsense\r\n\r\n", "HTTP/1.1 400 Bad Request", "refused 400 "},
      {"GET / HTTP/1.1\r\n" + kHostLine + " folded\r\n\r\n", "HTTP/1.1 400 Bad Request", "refused 400 GET"},
      {post(1, "Transfer-Encoding: chunked\r\n") + "0\r\n\r\n" + get("/smuggled"), "HTTP/1.1 400 Bad Request",
       "refused 400 POST"},
      {post(1, "Content-Length: 30\r\n") + get("/smuggled"), "HTTP/1.1 400 Bad Request", "refused 400 POST"},
      {post(101), "HTTP/1.1 413 Content Too Large", "refused 413 POST"},
      {post(101, "Expect: 100-continue\r\n"), "HTTP/1.1 413 Content Too Large", "refused 413 POST"},
      {post(1, "Expect: other\r\n"), "HTTP/1.1 417 Expectation Failed", "refused 417 POST"},
      {get("/" + std::string(1000, 'a')), "HTTP/1.1 431 Request Header Fields Too Large", "refused 431 "},
      {"GET / HTTP/1.1\r\n" + kHostLine + "Transfer-Encoding: gzip\r\n\r\n", "HTTP/1.1 501 Not Implemented",
       "refused 501 GET"},
      {"GET / HTTP/3.0\r\n", "HTTP/1.1 505 HTTP Version Not Supported", "refused 505 GET"},
  };
  for (const Row& row : rows) {
    RawClient client = connect();
    client.send(row.sent);
    const std::string answer = client.readAll();
    EXPECT_EQ(statusOf(answer), row.status);
    EXPECT_EQ(bodyOf(answer), row.body) << "and nothing behind it";
    EXPECT_THAT(answer, HasSubstr("\r\nConnection: close\r\n"));
    EXPECT_THAT(answer, HasSubstr("\r\nX-Request-Id: req-"));
  }
}

}  // namespace libra::http::server_test
