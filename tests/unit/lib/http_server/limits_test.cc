#include "tests/unit/lib/http_server/http_server_over.h"

namespace libra::http::server_test {

TEST_P(HttpServerOver, TellsARefusalAlsoToAClientThatIsStillSending) {
  start(echo, {.body_bytes = 1000});
  RawClient client = connect();
  client.send(post(8'000'000));
  client.send(std::string(8'000'000, 'x'));
  EXPECT_EQ(statusOf(client.readAnswer()), "HTTP/1.1 413 Content Too Large");
}

TEST_P(HttpServerOver, CutsOffARequestThatTrickles) {
  start(echo, {.request = 300ms, .idle = 20s, .write = 300ms});
  RawClient client = connect();
  std::thread trickle([&] {
    for (const char c : get("/" + std::string(2000, 'a'))) {
      if (!client.send({&c, 1})) return;
      ::usleep(5000);
      if (server_->connections() == 0) return;
    }
  });
  EXPECT_TRUE(eventually([&] { return server_->connections() == 0; }));
  trickle.join();
}

TEST_P(HttpServerOver, TellsALateRequestThatItIsLate) {
  start(echo, {.request = 50ms});
  RawClient client = connect();
  client.send(post(10) + "half");
  const std::string answer = client.readAll();
  EXPECT_EQ(statusOf(answer), "HTTP/1.1 408 Request Timeout");
  EXPECT_EQ(bodyOf(answer), "refused 408 POST");
}

TEST_P(HttpServerOver, ClosesWhatIsIdle) {
  start(echo, {.idle = 50ms});
  RawClient fresh = connect();
  EXPECT_EQ(fresh.readAll(), "");
  RawClient used = connect();
  used.send(get("/"));
  EXPECT_EQ(bodyOf(used.readAnswer()), "GET /");
  EXPECT_EQ(used.readAll(), "");
  EXPECT_TRUE(used.sawClose());
}

TEST_P(HttpServerOver, ClosesOnAClientThatDoesNotReadItsAnswer) {
  start([](Request, Reply reply) { reply(Response(200, std::string(30'000'000, 'x'))); }, {.write = 100ms});
  RawClient client = connect();
  client.send(get("/"));
  EXPECT_TRUE(eventually([&] { return server_->connections() == 1; }));
  EXPECT_TRUE(eventually([&] { return server_->connections() == 0; }));
}

TEST_P(HttpServerOver, ClosesConnectionsBeyondTheLimitWhenAllHaveARequest) {
  std::vector<Reply> waiting;
  start([&](Request, Reply reply) { waiting.push_back(std::move(reply)); }, {.connections = 2});
  RawClient first = connect(), second = connect();
  for (RawClient* client : {&first, &second}) client->send(get("/"));
  EXPECT_TRUE(eventually([&] { return server_->inFlight() == 2; }));
  RawClient third = connect();
  third.send(get("/"));
  EXPECT_EQ(third.readAll(), "");
  server_->onLoop([&](Server&) { waiting.clear(); });
  for (RawClient* client : {&first, &second}) EXPECT_THAT(client->readAnswer(), HasSubstr(" 500 "));
}

TEST_P(HttpServerOver, TheConnectionThatWaitsLongestMakesRoom) {
  start(echo, {.connections = 2});
  RawClient first = connect(), second = connect();
  for (RawClient* client : {&second, &first}) {
    client->send(get("/"));
    client->readAnswer();
  }
  RawClient third = connect();
  EXPECT_TRUE(second.sawClose());
  for (RawClient* client : {&first, &third}) {
    client->send(get("/"));
    EXPECT_EQ(bodyOf(client->readAnswer()), "GET /");
  }
}

// Who holds a place with half a request, a handshake, or nothing at all.
TEST_P(HttpServerOver, ServesInACrowdThatNeverFinishesItsRequests) {
  constexpr int kPlaces = 20;
  start(echo, {.connections = kPlaces});
  std::vector<std::unique_ptr<RawClient>> crowd;
  for (int i = 0; i < 3 * kPlaces; ++i) {
    crowd.push_back(std::make_unique<RawClient>(server_->port(), i % 3 == 0 ? nullptr : client_context_));
    if (i % 3 == 1) crowd.back()->send("GET / HTTP/1.1\r\nHo");
    if (i % 3 == 2) crowd.back()->send(post(1000) + "half a body");
    if (i % 10 != 9) continue;
    RawClient honest = connect();
    honest.send(get("/"));
    EXPECT_EQ(bodyOf(honest.readAnswer()), "GET /");
    EXPECT_LE(server_->connections(), kPlaces);
  }
}

TEST_P(HttpServerOver, HalfRequestsOfACrowdTakeNoMoreMemoryThanTheyMay) {
  constexpr std::size_t kBody = 60'000, kSent = 50'000, kMost = 4 * kBody;
  start(echo, {.held_bytes = kMost});
  std::vector<std::unique_ptr<RawClient>> crowd;
  for (int i = 0; i < 20; ++i) {
    crowd.push_back(std::make_unique<RawClient>(server_->port(), client_context_));
    crowd.back()->send(post(kBody) + std::string(kSent, 'x'));
  }
  EXPECT_TRUE(crowd.front()->sawClose());
  EXPECT_TRUE(eventually([&] { return server_->connections() * kSent <= kMost; }));
  RawClient honest = connect();
  honest.send(post(kBody) + std::string(kBody, 'y'));
  EXPECT_EQ(bodyOf(honest.readAnswer()), std::string(kBody, 'y'));
}

}  // namespace libra::http::server_test
