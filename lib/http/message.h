#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/net_address.h"

namespace libra::http {

// Name-value pairs in their order; names are found without regard to case.
class Headers {
 public:
  using List = std::vector<std::pair<std::string, std::string>>;

  Headers() = default;
  Headers(std::initializer_list<List::value_type> list) : list_(list) {}

  void add(std::string name, std::string value) { list_.emplace_back(std::move(name), std::move(value)); }
  void set(std::string_view name, std::string value);    // replaces all of that name
  const std::string* find(std::string_view name) const;  // the first, or null
  std::string_view get(std::string_view name) const;     // "" when absent
  bool has(std::string_view name) const { return find(name) != nullptr; }
  std::size_t size() const { return list_.size(); }
  List::const_iterator begin() const { return list_.begin(); }
  List::const_iterator end() const { return list_.end(); }

 private:
  List list_;
};

bool sameHeaderName(std::string_view a, std::string_view b);  // also other text HTTP compares without case
bool isToken(std::string_view text);                          // a method or a header's name
bool isFieldValue(std::string_view text);                     // fit for a header: no line break, no control character

// A request, copied out of its connection whole: owns all it holds.
struct Request {
  std::string id;      // ours, "req-<hex>"; for the log and the reply
  std::string method;  // as sent, upper case by the standard: "GET", "POST", …; may be any token
  std::string path;    // percent-encoded as sent, without query: "/v1.1/loadbalancers"
  std::string query;   // raw, without '?'
  Headers headers;
  std::string body;
  std::optional<NetAddress> remote;
  int remote_port = 0;

  // Decoded query parameters in their order; "+" is a space. A broken escape stays as it is.
  std::vector<std::pair<std::string, std::string>> parameters() const;
  std::optional<std::string> parameter(std::string_view name) const;  // the first of that name
};

struct Response {
  int status = 200;
  std::string body;
  Headers headers;                                // Content-Length, Date and Connection are the server's business
  std::string content_type = "application/json";  // "" sends none; ignored without a body

  Response() = default;
  Response(int code, std::string text = {}) : status(code), body(std::move(text)) {}
};

// "%41" → "A"; nullopt for a broken escape. In queries "+" is a space.
std::optional<std::string> percentDecode(std::string_view text, bool plus_is_space = false);
std::string percentEncode(std::string_view text);  // all but unreserved characters

// "OK" for 200 …; "Unknown" when there is no such status.
const char* reasonPhrase(int status);

}  // namespace libra::http
