#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/http/message.h"

namespace libra::http {

// Reads requests of HTTP/1.1 (RFC 9112) from a stream of bytes: no I/O, no clock. As
// strict as the RFC allows, since what two readers of one stream understand differently
// is how requests are smuggled: lines end in CRLF alone, no folded headers, no space
// before a colon, one Host, one Content-Length or "chunked" but never both.
//   const std::size_t taken = parser.feed(bytes);
//   if (parser.state() == RequestParser::State::Complete) handle(parser.take());
class RequestParser {
 public:
  enum class State {
    Idle,      // nothing of a request seen yet
    Partial,   // within a request
    Complete,  // take() it; feed() takes no more before that
    Refused    // see refusal(); the stream is of no more use
  };

  // The header limit counts the request line, headers and trailers with their line ends.
  RequestParser(std::size_t header_limit, std::size_t body_limit)
      : header_limit_(header_limit), body_limit_(body_limit) {}

  std::size_t feed(std::string_view bytes);  // how many it took; all, unless Complete or Refused
  State state() const;

  // The client waits for "100 Continue" before it sends its body. True once per request.
  bool takeExpectation();

  bool keepAlive() const { return keep_alive_; }  // of the request that is Complete
  int refusal() const { return refusal_; }        // HTTP status, 0 unless Refused

  // The request that is Complete, and the next one may be fed; else as far as it was read.
  Request take();

 private:
  enum class Step { RequestLine, Header, Body, ChunkSize, ChunkData, ChunkEnd, Trailer, Done };

  std::size_t feedLine(std::string_view bytes);
  std::size_t feedBody(std::string_view bytes);
  void onLine(std::string_view line);
  void onRequestLine(std::string_view line);
  bool setTarget(std::string_view target);
  void onHeader(std::string_view line);
  void onHeadersEnd();
  void onChunkSize(std::string_view line);
  bool readFraming();  // whether and how there is a body
  void readConnection();
  std::size_t count(std::string_view name) const;
  void expectBody(std::uint64_t length, Step step);
  void refuse(int status) { refusal_ = status; }

  const std::size_t header_limit_;
  const std::size_t body_limit_;

  Request request_;
  Step step_ = Step::RequestLine;
  std::string line_;              // a line whose end has not come yet
  std::size_t header_bytes_ = 0;  // of this request
  std::uint64_t body_left_ = 0;   // of the body or the chunk
  bool begun_ = false;
  bool minor_zero_ = false;  // HTTP/1.0
  bool keep_alive_ = false;
  bool expects_continue_ = false;
  int refusal_ = 0;
};

}  // namespace libra::http
