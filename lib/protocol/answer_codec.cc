#include <algorithm>

#include "lib/base/utf8.h"
#include "lib/protocol/device_job.h"
#include "lib/protocol/fields.h"

namespace libra::protocol {

namespace {

constexpr const char* kFailed = "Load Balancer error";

Answer failure(json::Value body, std::string error) {
  Answer answer;
  answer.error = error.empty() ? kFailed : std::move(error);
  answer.body = std::move(body);
  return answer;
}

std::map<std::string, NodeHealth> readNodeHealth(const json::Value& list) {
  std::map<std::string, NodeHealth> nodes;
  for (std::size_t i = 0; list.isArray() && i < list.size(); ++i)
    if (const auto id = decimalId(list[i]["id"]))
      nodes[*id] = list[i]["status"].text() == "UP" ? NodeHealth::Up : NodeHealth::Down;
  return nodes;
}

std::vector<std::string> readEvents(const json::Value& list) {
  constexpr std::size_t kMost = 20, kLongest = 1'000;
  std::vector<std::string> events;
  for (std::size_t i = 0; list.isArray() && i < std::min(list.size(), kMost); ++i)
    if (const auto text = list[i].text(); !text.empty()) events.emplace_back(utf8Prefix(text, kLongest));
  return events;
}

}  // namespace

Result<Answer> readAnswer(std::string_view payload) {
  const auto parsed = json::parse(payload);
  if (!parsed || !parsed->isObject())
    return Error{ErrorCode::Internal, kFailed, parsed ? "the answer is no JSON object" : parsed.error().message};
  const json::Value& body = *parsed;
  if (body["badRequest"]) return failure(body, body["badRequest"]["validationErrors"]["message"].text());

  // Only a clear PASS counts: a device that says nothing has promised nothing. The
  // generation in a failed answer is only the request's echo.
  if (body["hpcs_response"].text() != "PASS") return failure(body, body["hpcs_error"].text());
  Answer answer;
  answer.pass = true;
  answer.generation = static_cast<std::uint64_t>(std::max<std::int64_t>(0, body["generation"].integer()));
  answer.already_newer = body["already_newer"].boolean();
  answer.mechanism = body["mechanism"].text();
  answer.ms = body["ms"].real();
  answer.version = body["version"].text();
  answer.driver = body["driver"].text();
  const auto words = body["capabilities"];
  for (std::size_t i = 0; words.isArray() && i < words.size(); ++i) answer.capabilities.push_back(words[i].text());
  answer.nodes = readNodeHealth(body["nodes"]);
  answer.events = readEvents(body["events"]);
  answer.body = body;
  return answer;
}

}  // namespace libra::protocol
