#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace libra::sidecar::checks {

// The answer to one HTTP/1.0 request, as far as a check looks at it. Takes any bytes and
// keeps no more than its bounds; what a body has beyond them is not looked at.
class HttpAnswer {
 public:
  static constexpr std::size_t kLongestHead = 16 << 10;
  static constexpr std::size_t kMostBody = 64 << 10;

  enum class Stage { Head, Body, Complete, NotHttp };

  Stage feed(std::string_view bytes);
  Stage end();  // the peer closed: a body without a length is complete

  Stage stage() const { return stage_; }
  const std::string& status() const { return status_; }  // three digits, from stage Body on
  const std::string& body() const { return body_; }

 private:
  void readHead(std::string_view head);
  void addToBody(std::string_view bytes);

  Stage stage_ = Stage::Head;
  std::string head_, status_, body_;
  std::size_t body_length_ = kMostBody;  // at most; where it is told, exactly
  bool length_told_ = false;
};

}  // namespace libra::sidecar::checks
