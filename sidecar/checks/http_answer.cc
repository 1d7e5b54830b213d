#include "sidecar/checks/http_answer.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace libra::sidecar::checks {

namespace {

bool isDigit(char c) { return c >= '0' && c <= '9'; }

// "HTTP/1.1 200 OK" → "200"; empty for anything else.
std::string_view statusOf(std::string_view line) {
  constexpr std::string_view kBegin = "HTTP/1.";
  if (line.size() < kBegin.size() + 5 || line.substr(0, kBegin.size()) != kBegin) return {};
  const auto rest = line.substr(kBegin.size());
  const auto status = rest.substr(2, 3);
  const bool ends = rest.size() == 5 || rest[5] == ' ' || rest[5] == '\r';
  if (!isDigit(rest[0]) || rest[1] != ' ' || !std::all_of(status.begin(), status.end(), isDigit) || !ends) return {};
  return status;
}

// The value of Content-Length, if there is one that is a number.
std::optional<std::size_t> lengthOf(std::string_view headers) {
  constexpr std::string_view kName = "\ncontent-length:";
  const auto sameLetter = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; };
  const auto at = std::search(headers.begin(), headers.end(), kName.begin(), kName.end(), sameLetter);
  if (at == headers.end()) return std::nullopt;
  auto value = headers.substr(static_cast<std::size_t>(at - headers.begin()) + kName.size());
  value.remove_prefix(std::min(value.size(), value.find_first_not_of(" \t")));
  std::size_t length = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), length);
  return error == std::errc{} ? std::optional(length) : std::nullopt;
}

// Behind the empty line, or npos.
std::size_t endOfHead(std::string_view text, std::size_t from) {
  const auto crlf = text.find("\n\r\n", from), lf = text.find("\n\n", from);
  return crlf < lf ? crlf + 3 : lf == text.npos ? lf : lf + 2;
}

}  // namespace

HttpAnswer::Stage HttpAnswer::feed(std::string_view bytes) {
  if (stage_ == Stage::Body) addToBody(bytes);
  if (stage_ != Stage::Head) return stage_;

  const auto searched = head_.size() < 3 ? 0 : head_.size() - 3;
  head_.append(bytes);
  const auto end = endOfHead(head_, searched);
  if (std::min(end, head_.size()) > kLongestHead) {
    stage_ = Stage::NotHttp;
  } else if (end != head_.npos) {
    readHead(std::string_view(head_).substr(0, end));
    if (stage_ == Stage::Body) addToBody(std::string_view(head_).substr(end));
  }
  if (stage_ != Stage::Head) head_.clear();
  return stage_;
}

HttpAnswer::Stage HttpAnswer::end() {
  const bool whole = stage_ == Stage::Complete || (stage_ == Stage::Body && !length_told_);
  return stage_ = whole ? Stage::Complete : Stage::NotHttp;
}

void HttpAnswer::readHead(std::string_view head) {
  const auto line = head.substr(0, head.find('\n'));
  status_ = statusOf(line);
  stage_ = status_.empty() ? Stage::NotHttp : Stage::Body;
  if (const auto length = lengthOf(head.substr(line.size()))) {
    length_told_ = true;
    body_length_ = std::min(*length, kMostBody);
  }
}

void HttpAnswer::addToBody(std::string_view bytes) {
  body_.append(bytes.substr(0, body_length_ - body_.size()));
  if (body_.size() == body_length_) stage_ = Stage::Complete;
}

}  // namespace libra::sidecar::checks
