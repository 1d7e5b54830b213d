#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <atomic>
#include <future>
#include <thread>

#include "tests/support/http_server.h"
#include "tests/support/raw_client.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tls_files.h"

namespace libra::http {
namespace {

using test::eventually;
using test::HttpServer;
using test::RawClient;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

const std::string kHostLine = "Host: h\r\n";

std::string get(const std::string& path) { return "GET " + path + " HTTP/1.1\r\n" + kHostLine + "\r\n"; }
std::string post(std::size_t length, const std::string& more = {}) {
  return "POST /echo HTTP/1.1\r\n" + kHostLine + "Content-Length: " + std::to_string(length) + "\r\n" + more + "\r\n";
}

std::string statusOf(const std::string& answer) { return answer.substr(0, answer.find("\r\n")); }
std::string bodyOf(const std::string& answer) {
  return answer.substr(std::min(answer.find("\r\n\r\n") + 4, answer.size()));
}

// "GET /path" or, for /echo, the body.
void echo(Request request, Reply reply) {
  reply(Response(200, request.path == "/echo" ? request.body : request.method + " " + request.path));
}

Response refuseInWords(int status, const Request& known) {
  return Response(status, "refused " + std::to_string(status) + " " + known.method);
}

struct Transport {
  const char* name;
  bool tls;
};

// The same over plain TCP and over TLS.
class HttpServerOver : public testing::TestWithParam<Transport> {
 protected:
  static const test::TestCa& ca() {
    static const test::TempDir kDir;
    static const test::TestCa kCa(kDir.path());
    return kCa;
  }

  Server::Options options(Limits limits) {
    Server::Options options{.limits = limits, .refusal = refuseInWords};
    if (GetParam().tls) {
      const auto files = ca().issue("front", {.ip = {"127.0.0.1"}});
      options.tls = *tls::ReloadingContext::open(files, tls::ReloadingContext::Role::Server);
      client_context_ = *tls::clientContext({.ca = ca().caFile()});
    }
    return options;
  }
  HttpServer& start(Server::Handler handler = echo, Limits limits = {}) {
    return server_.emplace(options(limits), std::move(handler));
  }
  HttpServer& startOn(int listening_fd) {
    HttpServer& server = start();
    server.onLoop([&](Server& here) { EXPECT_TRUE(here.listenOn(listening_fd)); });
    return server;
  }
  void drain() {
    std::promise<void> drained;
    server_->drain(20s, [&] { drained.set_value(); });
    drained.get_future().wait();
  }
  RawClient connect() { return RawClient(server_->port(), client_context_); }

  tls::Context client_context_;
  std::optional<HttpServer> server_;
};

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
  const tls::Context context = client_context_;
  std::atomic<bool> over = false;
  const auto ask = [&] {
    for (int request = 0; !over; ++request) {
      RawClient client(localPort(listening->get()), context);
      client.send(get("/"));
      ASSERT_EQ(bodyOf(client.readAnswer()), "GET /") << "request " << request << ' ' << client.failure();
    }
  };
  std::thread clients[] = {std::thread(ask), std::thread(ask), std::thread(ask)};
  for (int i = 0; i < 20; ++i) {
    drain();
    startOn(listening->get());
    ::usleep(20'000);
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

class TlsServer : public HttpServerOver {};
INSTANTIATE_TEST_SUITE_P(Transports, TlsServer, testing::Values(Transport{"Tls", true}),
                         [](const auto& transport) { return transport.param.name; });

TEST_P(TlsServer, ClosesOnASilentHandshake) {
  start(echo, {.handshake = 50ms});
  RawClient client(server_->port());
  EXPECT_EQ(client.readAll(), "");
  EXPECT_TRUE(client.sawClose());
}

TEST_P(TlsServer, ClosesOnPlainHttpAndGarbage) {
  start();
  for (const std::string& sent : {get("/"), std::string(5000, '\xff'), std::string("\x16\x03\x01\xff\xff junk")}) {
    RawClient client(server_->port());
    client.send(sent);
    client.stopSending();
    EXPECT_THAT(client.readAll(), Not(HasSubstr("HTTP")));
    EXPECT_TRUE(client.sawClose());
  }
  EXPECT_TRUE(eventually([&] { return server_->connections() == 0; }));
}

TEST_P(TlsServer, EndsWithACloseNotify) {
  start(echo, {.idle = 50ms});
  RawClient client = connect();
  client.send(get("/"));
  client.readAnswer();
  EXPECT_EQ(client.readAll(), "");
  EXPECT_TRUE(client.closedCleanly());
}

TEST_P(TlsServer, DemandsCertificatesWhereItIsMutual) {
  const auto files = ca().issue("front", {.ip = {"127.0.0.1"}});
  auto context = *tls::ReloadingContext::open(files, tls::ReloadingContext::Role::MutualServer);
  HttpServer mutual({.tls = context}, echo);
  RawClient stranger(mutual.port(), *tls::clientContext({.ca = ca().caFile()}));
  stranger.send(get("/"));
  EXPECT_EQ(stranger.readAll(), "");
  RawClient known(mutual.port(), *tls::clientContext(ca().issue("client")));
  known.send(get("/"));
  EXPECT_EQ(bodyOf(known.readAnswer()), "GET /");
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

}  // namespace
}  // namespace libra::http
