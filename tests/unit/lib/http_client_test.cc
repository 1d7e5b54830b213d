#include "lib/http/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "tests/support/http_server.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tls_files.h"

namespace libra::http {
namespace {

using test::HttpServer;
using testing::HasSubstr;
using namespace std::chrono_literals;

// Answers with what it was asked: "<method> <path>?<query> <content type> <X-Token> <body>".
void tellBack(Request request, Reply reply) {
  Response response(request.path == "/v1/missing" ? 404 : 200);
  response.body = request.method + " " + request.path + "?" + request.query + " " +
                  std::string(request.headers.get("Content-Type")) + " " + std::string(request.headers.get("X-Token")) +
                  " " + request.body;
  response.content_type = "text/plain";
  response.headers = {{"X-Answer", "yes"}};
  reply(std::move(response));
}

TEST(HttpClient, SendsWhatItIsGivenAndReadsTheWholeAnswer) {
  HttpServer server({}, tellBack);
  Client client({.base_url = server.url() + "/v1", .headers = {{"X-Token", "t"}}});
  const auto answer = client.send("POST", "/a%20b?c=d", "{}");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "POST /v1/a%20b?c=d application/json t {}");
  EXPECT_EQ(answer->content_type, "text/plain");
  EXPECT_EQ(answer->headers.get("x-answer"), "yes");
}

TEST(HttpClient, KnowsEveryMethod) {
  HttpServer server({}, tellBack);
  Client client({.base_url = server.url()});
  struct Row {
    const char *method, *body, *answer;
  };
  const Row rows[] = {
      {"GET", "", "GET /?   "},
      {"HEAD", "", ""},
      {"DELETE", "", "DELETE /?   "},
      {"POST", "", "POST /?   "},
      {"PUT", "x", "PUT /? application/json  x"},
      {"PATCH", "x", "PATCH /? application/json  x"},
      {"DELETE", "x", "DELETE /? application/json  x"},
      {"BREW", "", "BREW /?   "},
      {"GET", "", "GET /?   "},
  };
  for (const Row& row : rows) {
    const auto answer = client.send(row.method, "/", row.body);
    ASSERT_TRUE(answer) << row.method << ": " << answer.error().message;
    EXPECT_EQ(answer->body, row.answer);
  }
  EXPECT_EQ(server.connections(), 1) << "all over one kept connection";
}

TEST(HttpClient, TakesAnyStatusForAnAnswer) {
  HttpServer server({}, tellBack);
  Client client({.base_url = server.url() + "/v1"});
  const auto answer = client.get("/missing");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 404);
}

TEST(HttpClient, CarriesLargeBodies) {
  HttpServer server({.limits = {.body_bytes = 4'000'000}},
                    [](Request request, Reply reply) { reply(Response(200, request.body)); });
  Client client({.base_url = server.url()});
  const std::string body(3'000'000, 'x');
  const auto answer = client.send("POST", "/", body);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_TRUE(answer->body == body);
}

TEST(HttpClient, StopsAnAnswerThatIsTooLong) {
  HttpServer server({}, [](Request, Reply reply) { reply(Response(200, std::string(100'000, 'x'))); });
  Client client({.base_url = server.url(), .largest_answer = 99'999});
  const auto answer = client.get("/");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::Unavailable);
  EXPECT_THAT(answer.error().message, HasSubstr("longer than 99999 bytes"));
}

TEST(HttpClient, DoesNotWaitForEver) {
  std::atomic<int> asked = 0;
  std::optional<Reply> held;
  HttpServer server({}, [&](Request, Reply reply) {
    held = reply;
    ++asked;
  });
  Client client({.base_url = server.url(), .timeout = 100ms});
  const auto answer = client.get("/");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::Unavailable);
  EXPECT_THAT(answer.error().message, HasSubstr(server.url()));
  EXPECT_EQ(asked, 1);
}

TEST(HttpClient, TellsThatNobodyAnswers) {
  int port = 0;
  {
    HttpServer server({}, tellBack);
    port = server.port();
  }
  Client client({.base_url = "http://127.0.0.1:" + std::to_string(port)});
  const auto answer = client.get("/");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::Unavailable);
}

TEST(HttpClient, ComesBackAfterTheServerClosedItsConnection) {
  HttpServer server({.limits = {.idle = 20ms}}, tellBack);
  Client client({.base_url = server.url()});
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(client.send("POST", "/", "x"));
    while (server.connections() > 0) std::this_thread::yield();
  }
}

TEST(HttpClient, RefusesWhatWouldBreakOutOfTheRequest) {
  HttpServer server({}, tellBack);
  Client client({.base_url = server.url()});
  EXPECT_FALSE(client.send("GET /x HTTP/1.1\r\nA:", "/"));
  EXPECT_FALSE(client.send("GET", "/", "", {{"A", "b\r\nC: d"}}));
  EXPECT_FALSE(client.send("GET", "/", "", {{"A b", "c"}}));
  EXPECT_FALSE(client.get("/ HTTP/1.1\r\nA: b"));
}

TEST(HttpClient, VerifiesTheServerAndShowsItsCertificate) {
  const test::TempDir dir;
  const test::TestCa ca(dir.path()), other(dir.path(), "other");
  const auto own = ca.issue("client");
  const auto open = [&](const tls::Files& files, tls::ReloadingContext::Role role) {
    return Server::Options{.tls = *tls::ReloadingContext::open(files, role)};
  };
  HttpServer server(open(ca.issue("front", {.ip = {"127.0.0.1"}}), tls::ReloadingContext::Role::MutualServer),
                    tellBack);
  HttpServer misnamed(open(ca.issue("misnamed", {.ip = {"127.0.0.2"}}), tls::ReloadingContext::Role::Server), tellBack);

  EXPECT_TRUE(Client({.base_url = server.url(), .ca_file = ca.caFile(), .certificate = own.certificate, .key = own.key})
                  .get("/"));
  EXPECT_FALSE(Client({.base_url = server.url(), .ca_file = ca.caFile()}).get("/")) << "no certificate of ours";
  EXPECT_FALSE(Client({.base_url = misnamed.url(), .ca_file = other.caFile()}).get("/")) << "another authority";
  EXPECT_FALSE(Client({.base_url = misnamed.url()}).get("/")) << "the system's authorities";
  EXPECT_FALSE(Client({.base_url = misnamed.url(), .ca_file = ca.caFile()}).get("/")) << "another host";
}

}  // namespace
}  // namespace libra::http
