#include "lib/http/response_text.h"

#include <algorithm>
#include <array>

#include "lib/log/log.h"

namespace libra::http {

namespace {

constexpr log::Logger kLog{"http"};

bool hasNoBody(int status) { return status < 200 || status == 204 || status == 304; }

bool isOurs(std::string_view name) {
  static constexpr std::array<std::string_view, 4> kOurs{"Content-Length", "Date", "Connection", "Transfer-Encoding"};
  return std::any_of(kOurs.begin(), kOurs.end(), [&](auto own) { return sameHeaderName(own, name); });
}

// "Tue, 24 Nov 2026 16:20:01 GMT"; made anew once a second.
const std::string& dateText(std::time_t now) {
  thread_local std::time_t made_for = -1;
  thread_local std::string text;
  if (now == made_for) return text;
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  text = fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[utc.tm_wday], utc.tm_mday, kMonths[utc.tm_mon],
                     utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
  made_for = now;
  return text;
}

void appendHeader(std::string& head, std::string_view name, std::string_view value) {
  head += name;
  head += ": ";
  head += value;
  head += "\r\n";
}

}  // namespace

bool sendsBody(const Response& response, const Framing& framing) {
  return !framing.head && !hasNoBody(response.status) && !response.body.empty();
}

std::string responseHead(const Response& response, const Framing& framing, std::time_t now) {
  std::string head;
  head.reserve(512);
  head += fmt::format("HTTP/1.1 {} {}\r\n", response.status, reasonPhrase(response.status));
  appendHeader(head, "Date", dateText(now));
  if (!hasNoBody(response.status)) {
    appendHeader(head, "Content-Length", std::to_string(response.body.size()));
    const bool typed = response.body.empty() || response.content_type.empty() || response.headers.has("Content-Type");
    if (!typed && isFieldValue(response.content_type)) appendHeader(head, "Content-Type", response.content_type);
  }
  if (framing.close) appendHeader(head, "Connection", "close");
  for (const auto& [name, value] : response.headers) {
    if (isOurs(name)) continue;
    if (isToken(name) && isFieldValue(value))
      appendHeader(head, name, value);
    else
      kLog.error("header {} of an answer holds what no header may, left out", name);
  }
  head += "\r\n";
  return head;
}

}  // namespace libra::http
