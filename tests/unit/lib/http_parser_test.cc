#include <gtest/gtest.h>

#include <random>

#include "lib/http/parser.h"

namespace libra::http {
namespace {

using State = RequestParser::State;
constexpr std::size_t kHeaderLimit = 512;
constexpr std::size_t kBodyLimit = 64;

// All requests of the stream and how it ended: "POST /a?q [Name=value] body; refused 400".
std::string read(std::string_view stream, std::size_t piece) {
  RequestParser parser(kHeaderLimit, kBodyLimit);
  std::string seen;
  while (!stream.empty() && parser.state() != State::Refused) {
    std::string_view part = stream.substr(0, piece);
    const std::size_t taken = parser.feed(part);
    stream.remove_prefix(taken);
    if (parser.state() != State::Complete) continue;
    const bool keep = parser.keepAlive();
    const Request request = parser.take();
    seen += request.method + " " + request.path;
    if (!request.query.empty()) seen += "?" + request.query;
    for (const auto& [name, value] : request.headers)
      if (name != "Host") seen += " [" + name + "=" + value + "]";
    if (!request.body.empty()) seen += " " + request.body;
    seen += keep ? "; " : "; last; ";
  }
  if (parser.state() == State::Refused) seen += "refused " + std::to_string(parser.refusal());
  if (parser.state() == State::Partial) seen += "partial";
  return seen;
}

struct Row {
  const char* what;
  std::string stream;
  std::string seen;
};

const std::string kHost = "Host: h\r\n";

std::vector<Row> rows() {
  const std::string get = "GET / HTTP/1.1\r\n", post = "POST / HTTP/1.1\r\n" + kHost;
  const std::string chunked = post + "Transfer-Encoding: chunked\r\n\r\n",
                    chunked_seen = "POST / [Transfer-Encoding=chunked]";
  return {
      {"a plain request", get + kHost + "\r\n", "GET /; "},
      {"a query", "GET /a/b?c=d&e HTTP/1.1\r\n" + kHost + "\r\n", "GET /a/b?c=d&e; "},
      {"an unknown method", "BREW /pot HTTP/1.1\r\n" + kHost + "\r\n", "BREW /pot; "},
      {"values are trimmed", get + kHost + "A: \t b c \t\r\nB:\r\n\r\n", "GET / [A=b c] [B=]; "},
      {"the absolute form", "GET http://h:80/a?b HTTP/1.1\r\n" + kHost + "\r\n", "GET /a?b; "},
      {"the absolute form without a path", "GET http://h HTTP/1.1\r\n" + kHost + "\r\n", "GET /; "},
      {"the absolute form with a query alone", "GET http://h?a HTTP/1.1\r\n" + kHost + "\r\n", "GET /?a; "},
      {"the asterisk", "OPTIONS * HTTP/1.1\r\n" + kHost + "\r\n", "OPTIONS *; "},
      {"CONNECT", "CONNECT h:443 HTTP/1.1\r\n" + kHost + "\r\n", "CONNECT h:443; "},
      {"a body", post + "Content-Length: 5\r\n\r\nhello", "POST / [Content-Length=5] hello; "},
      {"a body of nothing", post + "Content-Length: 0\r\n\r\n", "POST / [Content-Length=0]; "},
      {"two in a row", post + "Content-Length: 2\r\n\r\nhi" + get + kHost + "\r\n",
       "POST / [Content-Length=2] hi; GET /; "},
      {"a line end between two", get + kHost + "\r\n\r\n" + get + kHost + "\r\n", "GET /; GET /; "},
      {"close", get + kHost + "Connection: x, Close\r\n\r\n", "GET / [Connection=x, Close]; last; "},
      {"HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", "GET /; last; "},
      {"HTTP/1.7 is an 1.1", "GET / HTTP/1.7\r\n" + kHost + "\r\n", "GET /; "},
      {"chunks", chunked + "3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n", chunked_seen + " abc0123456789; "},
      {"trailers are dropped", chunked + "1\r\na\r\n0\r\nX: y\r\n\r\n", chunked_seen + " a; "},
      {"chunks, then another", chunked + "0\r\n\r\n" + get + kHost + "\r\n", chunked_seen + "; GET /; "},
      {"an unfinished request", get, "partial"},

      {"no request line", "hello\r\n", "refused 400"},
      {"a TLS hello", "\x16\x03\x01\x02\r\n", "refused 400"},
      {"a bare line feed", "GET / HTTP/1.1\n", "refused 400"},
      {"a bare line feed in headers", get + "Host: h\n\r\n", "refused 400"},
      {"a bare carriage return", get + "Host: h\rX: y\r\n\r\n", "refused 400"},
      {"a NUL", get + kHost + std::string("A: b\0c\r\n\r\n", 10), "refused 400"},
      {"a folded header", get + kHost + "A: b\r\n c\r\n\r\n", "refused 400"},
      {"a folded first header", get + " Host: h\r\n\r\n", "refused 400"},
      {"a space before the colon", get + "Host : h\r\n\r\n", "refused 400"},
      {"no colon", get + kHost + "nonsense\r\n\r\n", "refused 400"},
      {"no name", get + kHost + ": v\r\n\r\n", "refused 400"},
      {"no version", "GET /\r\n", "refused 400"},
      {"a space in the target", "GET /a b HTTP/1.1\r\n", "refused 400"},
      {"a tab for a space", "GET\t/ HTTP/1.1\r\n", "refused 400"},
      {"two spaces", "GET  / HTTP/1.1\r\n", "refused 400"},
      {"a fragment", "GET /a#b HTTP/1.1\r\n", "refused 400"},
      {"bytes beyond ASCII in the target", "GET /\xc3\xbc HTTP/1.1\r\n", "refused 400"},
      {"a relative target", "GET a/b HTTP/1.1\r\n", "refused 400"},
      {"a lower case version", "GET / http/1.1\r\n", "refused 400"},
      {"HTTP/2", "PRI * HTTP/2.0\r\n", "refused 400"},
      {"HTTP/2 for a path", "GET / HTTP/2.0\r\n", "refused 505"},
      {"no Host", get + "\r\n", "refused 400"},
      {"two Hosts", get + kHost + kHost + "\r\n", "refused 400"},
      {"two lengths", post + "Content-Length: 1\r\nContent-Length: 1\r\n\r\na", "refused 400"},
      {"a list of lengths", post + "Content-Length: 1, 1\r\n\r\na", "refused 400"},
      {"a signed length", post + "Content-Length: +1\r\n\r\na", "refused 400"},
      {"a negative length", post + "Content-Length: -1\r\n\r\n", "refused 400"},
      {"a length in hex", post + "Content-Length: 0x1\r\n\r\na", "refused 400"},
      {"an empty length", post + "Content-Length:\r\n\r\n", "refused 400"},
      {"length and chunked", post + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "refused 400"},
      {"chunked and length", post + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", "refused 400"},
      {"chunked twice", post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", "refused 400"},
      {"chunked of HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", "refused 400"},
      {"chunked that is not", post + "Transfer-Encoding: xchunked\r\n\r\n", "refused 501"},
      {"another coding", post + "Transfer-Encoding: gzip, chunked\r\n\r\n", "refused 501"},
      {"chunked not last", post + "Transfer-Encoding: chunked, identity\r\n\r\n", "refused 501"},
      {"another expectation", post + "Expect: miracles\r\n\r\n", "refused 417"},
      {"a chunk size that is none", chunked + "x\r\n", "refused 400"},
      {"an empty chunk size", chunked + "\r\n", "refused 400"},
      {"a chunk size with 0x", chunked + "0x1\r\na\r\n", "refused 400"},
      {"a signed chunk size", chunked + "+1\r\na\r\n", "refused 400"},
      {"a space before the chunk size", chunked + " 1\r\na\r\n", "refused 400"},
      {"a space after the chunk size", chunked + "1 \r\na\r\n", "refused 400"},
      {"a bare line feed after the chunk size", chunked + "1\na\r\n", "refused 400"},
      {"a bare line feed in an extension", chunked + "1;a\nb\r\na\r\n", "refused 400"},
      {"a chunk longer than it says", chunked + "1\r\nab\r\n", "refused 400"},
      {"a chunk without its line end", chunked + "1\r\na0\r\n\r\n", "refused 400"},
      {"a chunk size beyond 64 bits", chunked + "10000000000000001\r\n", "refused 413"},
      {"an endless extension", chunked + "1;" + std::string(300, 'x'), "refused 400"},
      {"a bad trailer", chunked + "0\r\nX : y\r\n\r\n", "refused 400"},

      {"the longest body", post + "Content-Length: 64\r\n\r\n" + std::string(64, 'b'),
       "POST / [Content-Length=64] " + std::string(64, 'b') + "; "},
      {"a body too long", post + "Content-Length: 65\r\n\r\n", "refused 413"},
      {"a length beyond 64 bits", post + "Content-Length: 99999999999999999999999\r\n\r\n", "refused 413"},
      {"chunks too long together", chunked + "40\r\n" + std::string(64, 'b') + "\r\n1\r\n", "refused 413"},
      {"a target too long", "GET /" + std::string(kHeaderLimit, 'a'), "refused 431"},
      {"a header too long", get + kHost + "A: " + std::string(kHeaderLimit, 'a'), "refused 431"},
      {"trailers too long", chunked + "0\r\nA: " + std::string(kHeaderLimit, 'a'), "refused 431"},
      {"endless line ends",
       [] {
         std::string stream;
         for (int i = 0; i < 300; ++i) stream += "\r\n";
         return stream;
       }(),
       "refused 431"},
  };
}

TEST(RequestParsing, SeesTheSameHoweverTheStreamIsCut) {
  for (const Row& row : rows())
    for (const std::size_t piece : {1, 2, 3, 7, 64, 100000})
      EXPECT_EQ(read(row.stream, piece), row.seen) << row.what << ", pieces of " << piece;
}

TEST(RequestParsing, LimitsTheNumberOfHeaders) {
  RequestParser parser(1 << 20, 0);
  parser.feed("GET / HTTP/1.1\r\n");
  for (int i = 0; i < 128; ++i) parser.feed("A:\r\n");
  EXPECT_EQ(parser.state(), State::Partial);
  parser.feed("A:\r\n");
  EXPECT_EQ(parser.refusal(), 431);
}

TEST(RequestParsing, TellsOnceThatTheClientWaitsToContinue) {
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-Continue\r\n";
  RequestParser parser(kHeaderLimit, kBodyLimit);
  parser.feed(head);
  EXPECT_FALSE(parser.takeExpectation());
  parser.feed("\r\n");
  EXPECT_TRUE(parser.takeExpectation());
  EXPECT_FALSE(parser.takeExpectation());
  parser.feed("hi");
  EXPECT_EQ(parser.take().body, "hi");

  parser.feed(head + "\r\nh");
  EXPECT_FALSE(parser.takeExpectation()) << "the body is already coming";
}

TEST(RequestParsing, StopsBehindARequestUntilItIsTaken) {
  const std::string two = "GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n";
  RequestParser parser(kHeaderLimit, kBodyLimit);
  EXPECT_EQ(parser.feed(two), two.size() / 2);
  EXPECT_EQ(parser.feed(two), 0u);
  EXPECT_EQ(parser.take().path, "/1");
  EXPECT_EQ(parser.state(), State::Idle);
}

// Streams near to well-formed ones: whatever comes out, it does not depend on the cuts,
// and nothing is read outside of the stream (the sanitizers watch).
TEST(RequestParsing, OfMutatedStreamsDependsOnTheirBytesAlone) {
  std::minstd_rand random(7);
  const auto all = rows();
  constexpr char kBytes[] = "\r\n\0 :;,\t0123456789abcdefxGET/HTTP.\xff\x80";
  const std::string_view interesting(kBytes, sizeof kBytes - 1);
  for (int round = 0; round < 20000; ++round) {
    std::string stream = all[random() % all.size()].stream;
    if (stream.size() > 200) stream.resize(200);
    for (unsigned change = random() % 4; change > 0 && !stream.empty(); --change) {
      const std::size_t at = random() % stream.size();
      const char byte = interesting[random() % interesting.size()];
      if (random() % 3 == 0)
        stream.erase(at, 1 + random() % 4);
      else if (random() % 2 == 0)
        stream.insert(at, 1, byte);
      else
        stream[at] = byte;
    }
    ASSERT_EQ(read(stream, 1 + random() % 16), read(stream, stream.size() + 1)) << testing::PrintToString(stream);
  }
}

}  // namespace
}  // namespace libra::http
