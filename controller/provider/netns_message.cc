#include "controller/provider/netns_message.h"

#include <algorithm>

#include "lib/json/value.h"

namespace libra::provider::netns {

bool isDeviceName(std::string_view name) {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  return !name.empty() && name.size() <= 40 && name[0] != '-' && std::all_of(name.begin(), name.end(), allowed);
}

std::string write(const Request& request) {
  return json::dump(json::Value::object().set("action", request.action).set("name", request.name));
}

std::string write(const Answer& answer) {
  auto names = json::Value::array();
  for (const auto& name : answer.names) names.push(json::Value::of(std::string_view(name)));
  return json::dump(
      json::Value::object().set("error", answer.error).set("address", answer.address).set("names", names));
}

Result<Request> readRequest(std::string_view line) {
  const auto value = json::parse(line);
  if (!value) return value.error();
  Request request{(*value)["action"].text(), (*value)["name"].text()};
  const bool of_a_device = request.action == "build" || request.action == "destroy" || request.action == "fence";
  if (!of_a_device && request.action != "list") return Error{ErrorCode::Invalid, "unknown action"};
  if (of_a_device && !isDeviceName(request.name)) return Error{ErrorCode::Invalid, "no name of a device"};
  return request;
}

Result<Answer> readAnswer(std::string_view line) {
  const auto value = json::parse(line);
  if (!value) return value.error();
  const auto names = (*value)["names"];
  if (!(*value)["error"].isString() || !names.isArray()) return Error{ErrorCode::Invalid, "no answer of the helper"};
  Answer answer{(*value)["error"].text(), (*value)["address"].text(), {}};
  for (std::size_t i = 0; i < names.size(); ++i) answer.names.push_back(names[i].text());
  return answer;
}

}  // namespace libra::provider::netns
