#include "lib/http/parser.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace libra::http {

namespace {

constexpr std::size_t kMostHeaders = 128;
constexpr std::size_t kLongestChunkLine = 256;
constexpr std::uint64_t kReserved = 64 * 1024;  // a promised length is not yet worth memory

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool isDigit(char c) { return c >= '0' && c <= '9'; }

// All of `text` as an unsigned number, without sign or space. Saturates when too large.
std::optional<std::uint64_t> readNumber(std::string_view text, int base) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (text.empty() || end != text.data() + text.size()) return std::nullopt;
  return error == std::errc::result_out_of_range ? UINT64_MAX : number;
}

bool isTarget(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F && c != '#'; });
}

// "close, upgrade" holds the option "close".
bool listHolds(std::string_view list, std::string_view option) {
  while (!list.empty()) {
    const std::string_view part = list.substr(0, list.find(','));
    if (sameHeaderName(trim(part), option)) return true;
    list.remove_prefix(std::min(part.size() + 1, list.size()));
  }
  return false;
}

}  // namespace

RequestParser::State RequestParser::state() const {
  if (refusal_ != 0) return State::Refused;
  if (step_ == Step::Done) return State::Complete;
  return begun_ ? State::Partial : State::Idle;
}

std::size_t RequestParser::feed(std::string_view bytes) {
  std::size_t taken = 0;
  while (taken < bytes.size() && step_ != Step::Done && refusal_ == 0) {
    begun_ = true;
    const bool in_body = step_ == Step::Body || step_ == Step::ChunkData;
    taken += in_body ? feedBody(bytes.substr(taken)) : feedLine(bytes.substr(taken));
  }
  return taken;
}

std::size_t RequestParser::feedLine(std::string_view bytes) {
  const auto newline = bytes.find('\n');
  const std::size_t taken = newline == bytes.npos ? bytes.size() : newline + 1;
  const bool chunk_line = step_ == Step::ChunkSize || step_ == Step::ChunkEnd;
  const std::size_t room = chunk_line ? kLongestChunkLine - line_.size() : header_limit_ - header_bytes_;
  if (taken > room) {
    refuse(chunk_line ? 400 : 431);
    return taken;
  }
  if (!chunk_line) header_bytes_ += taken;

  std::string_view line = bytes.substr(0, taken);
  if (newline == bytes.npos || !line_.empty()) line = line_.append(line);
  if (newline == bytes.npos) return taken;
  if (line.size() < 2 || line[line.size() - 2] != '\r') {
    refuse(400);
  } else {
    onLine(line.substr(0, line.size() - 2));
  }
  line_.clear();
  return taken;
}

std::size_t RequestParser::feedBody(std::string_view bytes) {
  const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), body_left_));
  request_.body.append(bytes.substr(0, taken));
  body_left_ -= taken;
  if (body_left_ == 0) step_ = step_ == Step::Body ? Step::Done : Step::ChunkEnd;
  return taken;
}

void RequestParser::onLine(std::string_view line) {
  switch (step_) {
    case Step::RequestLine:
      return onRequestLine(line);
    case Step::Header:
      return line.empty() ? onHeadersEnd() : onHeader(line);
    case Step::ChunkSize:
      return onChunkSize(line);
    case Step::ChunkEnd:
      step_ = Step::ChunkSize;
      return line.empty() ? void() : refuse(400);
    case Step::Trailer:
      if (line.empty()) step_ = Step::Done;
      return line.empty() ? void() : onHeader(line);
    case Step::Body:
    case Step::ChunkData:
    case Step::Done:
      return;
  }
}

void RequestParser::onRequestLine(std::string_view line) {
  if (line.empty()) {  // some clients end a body with one line end too many (RFC 9112, 2.2)
    begun_ = false;
    return;
  }
  const auto first = line.find(' '), last = line.rfind(' ');
  if (first == line.npos || first == last) return refuse(400);
  const auto method = line.substr(0, first), version = line.substr(last + 1);
  if (!isToken(method)) return refuse(400);
  request_.method = method;
  if (!setTarget(line.substr(first + 1, last - first - 1))) return refuse(400);

  const bool well_formed = version.size() == 8 && version.starts_with("HTTP/") && isDigit(version[5]) &&
                           version[6] == '.' && isDigit(version[7]);
  if (!well_formed) return refuse(400);
  if (version[5] != '1') return refuse(505);
  minor_zero_ = version[7] == '0';
  step_ = Step::Header;
}

bool RequestParser::setTarget(std::string_view target) {
  if (!isTarget(target)) return false;
  const bool bare = request_.method == "CONNECT" || (request_.method == "OPTIONS" && target == "*");
  if (!bare && target.front() != '/') {  // "http://host/path": to a proxy, yet every server must take it
    const auto scheme = target.find("://");
    if (scheme == target.npos || !isToken(target.substr(0, scheme))) return false;
    target.remove_prefix(scheme + 3);
    target.remove_prefix(std::min(target.find_first_of("/?"), target.size()));
  }
  const auto question = target.find('?');
  request_.path = target.substr(0, question);
  if (request_.path.empty()) request_.path = "/";
  if (question != target.npos) request_.query = target.substr(question + 1);
  return true;
}

// Also for trailers, which are checked and dropped.
void RequestParser::onHeader(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == line.npos || !isToken(line.substr(0, colon))) return refuse(400);  // also a folded line
  const std::string_view value = trim(line.substr(colon + 1));
  if (!isFieldValue(value)) return refuse(400);
  if (step_ == Step::Trailer) return;
  if (request_.headers.size() == kMostHeaders) return refuse(431);
  request_.headers.add(std::string(line.substr(0, colon)), std::string(value));
}

void RequestParser::onHeadersEnd() {
  if (count("Host") > 1 || (!minor_zero_ && count("Host") == 0)) return refuse(400);
  readConnection();
  if (!readFraming()) return;
  const std::string* expectation = request_.headers.find("Expect");
  if (!expectation || minor_zero_) return;
  if (!sameHeaderName(*expectation, "100-continue")) return refuse(417);
  expects_continue_ = step_ != Step::Done;
}

void RequestParser::readConnection() {
  keep_alive_ = !minor_zero_;
  for (const auto& [name, value] : request_.headers)
    if (sameHeaderName(name, "Connection") && listHolds(value, "close")) keep_alive_ = false;
}

bool RequestParser::readFraming() {
  const std::size_t lengths = count("Content-Length"), codings = count("Transfer-Encoding");
  if (lengths > 1 || codings > 1 || (lengths > 0 && codings > 0) || (codings > 0 && minor_zero_)) {
    refuse(400);
  } else if (codings == 1) {
    if (!sameHeaderName(request_.headers.get("Transfer-Encoding"), "chunked")) refuse(501);
    step_ = Step::ChunkSize;
  } else if (lengths == 1) {
    const auto length = readNumber(request_.headers.get("Content-Length"), 10);
    if (!length)
      refuse(400);
    else
      expectBody(*length, *length == 0 ? Step::Done : Step::Body);
  } else {
    step_ = Step::Done;
  }
  return refusal_ == 0;
}

void RequestParser::onChunkSize(std::string_view line) {
  const auto length = readNumber(line.substr(0, line.find(';')), 16);
  if (!length || !isFieldValue(line)) return refuse(400);  // extensions are dropped
  expectBody(*length, *length == 0 ? Step::Trailer : Step::ChunkData);
}

void RequestParser::expectBody(std::uint64_t length, Step step) {
  if (length > body_limit_ - request_.body.size()) return refuse(413);
  if (step == Step::Body) request_.body.reserve(static_cast<std::size_t>(std::min(length, kReserved)));
  body_left_ = length;
  step_ = step;
}

std::size_t RequestParser::count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::count_if(request_.headers.begin(), request_.headers.end(),
                    [&](const auto& header) { return sameHeaderName(header.first, name); }));
}

bool RequestParser::takeExpectation() {
  const bool now = expects_continue_ && refusal_ == 0 && step_ != Step::Done && request_.body.empty();
  expects_continue_ = false;
  return now;
}

Request RequestParser::take() {
  Request whole = std::exchange(request_, {});
  step_ = Step::RequestLine;
  header_bytes_ = 0;
  begun_ = expects_continue_ = false;
  return whole;
}

}  // namespace libra::http
