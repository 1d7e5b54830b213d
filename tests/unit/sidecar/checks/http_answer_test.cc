#include "sidecar/checks/http_answer.h"

#include <gtest/gtest.h>

#include <random>

namespace libra::sidecar::checks {
namespace {

using Stage = HttpAnswer::Stage;

// In pieces of every size the outcome is the same.
struct Read {
  Stage stage;
  std::string status, body;
};
Read read(const std::string& text, bool closes, std::size_t piece) {
  HttpAnswer answer;
  for (std::size_t at = 0; at < text.size(); at += piece) answer.feed(text.substr(at, piece));
  if (closes) answer.end();
  return {answer.stage(), answer.status(), answer.body()};
}

TEST(HttpAnswer, IsReadWhateverPiecesItComesIn) {
  struct {
    const char* text;
    bool closes;
    Stage stage;
    const char *status, *body;
  } cases[] = {
      {"HTTP/1.1 200 OK\r\n\r\nbody", true, Stage::Complete, "200", "body"},
      {"HTTP/1.0 204\r\n\r\n", true, Stage::Complete, "204", ""},
      {"HTTP/1.1 200 OK\nA: b\n\nbody", true, Stage::Complete, "200", "body"},
      {"HTTP/1.1 200 OK\r\nCONTENT-length:  4\r\n\r\nbodymore", false, Stage::Complete, "200", "body"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbody", true, Stage::NotHttp, "200", "body"},
      {"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nbody", true, Stage::Complete, "200", "body"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\nb", true, Stage::Complete, "200", "b"},
      {"HTTP/1.1 503 Gone\r\n\r\n", false, Stage::Body, "503", ""},
      {"HTTP/1.1 200 OK\r\nA: b\r\n", false, Stage::Head, "", ""},
      {"HTTP/1.1 200 OK\r\nA: b\r\n", true, Stage::NotHttp, "", ""},
      {"HTTP/2 200 OK\r\n\r\n", false, Stage::NotHttp, "", ""},
      {"HTTP/1.1 2000 OK\r\n\r\n", false, Stage::NotHttp, "", ""},
      {"HTTP/1.1 2x0 OK\r\n\r\n", false, Stage::NotHttp, "", ""},
      {"SSH-2.0-OpenSSH\r\n\r\n", false, Stage::NotHttp, "", ""},
      {"\r\n\r\n", false, Stage::NotHttp, "", ""},
      {"", true, Stage::NotHttp, "", ""},
  };
  for (const auto& c : cases)
    for (std::size_t piece : {1, 2, 3, 7, 4096}) {
      const auto got = read(c.text, c.closes, piece);
      EXPECT_EQ(got.stage, c.stage) << c.text << " by " << piece;
      EXPECT_EQ(got.status, c.status) << c.text;
      EXPECT_EQ(got.body, c.body) << c.text << " by " << piece;
    }
}

TEST(HttpAnswer, KeepsNoMoreThanItsBounds) {
  HttpAnswer head;
  for (int i = 0; i < 1000 && head.stage() == Stage::Head; ++i) head.feed(std::string(1000, 'x'));
  EXPECT_EQ(head.stage(), Stage::NotHttp);

  HttpAnswer body;
  body.feed("HTTP/1.1 200 OK\r\n\r\n");
  for (int i = 0; i < 100; ++i) body.feed(std::string(1000, 'x'));
  EXPECT_EQ(body.stage(), Stage::Complete);
  EXPECT_EQ(body.body().size(), HttpAnswer::kMostBody);
}

TEST(HttpAnswer, AnyBytesAreTaken) {
  std::mt19937 random(4711);
  const std::string letters = "HTTP/1. 0123\r\n\r\n:Content-Length";
  for (int round = 0; round < 20'000; ++round) {
    HttpAnswer answer;
    for (int i = 0; i < 4; ++i) {
      std::string bytes = random() % 2 ? "HTTP/1.1 200 \r\nContent-Length: " : "";
      for (unsigned n = random() % 40; n > 0; --n)
        bytes += random() % 9 ? letters[random() % letters.size()] : char(random());
      answer.feed(bytes);
    }
    answer.end();
    EXPECT_TRUE(answer.stage() == Stage::Complete || answer.stage() == Stage::NotHttp);
  }
}

}  // namespace
}  // namespace libra::sidecar::checks
