#include "lib/protocol/device_answer.h"

#include <utility>

#include "lib/protocol/fields.h"
#include "lib/protocol/load_balancer_codec.h"

namespace libra::protocol {

namespace {

constexpr std::pair<std::string_view, Action> kActions[] = {
    {"UPDATE", Action::Update},   {"SUSPEND", Action::Suspend},   {"ENABLE", Action::Enable},
    {"DELETE", Action::Delete},   {"STATS", Action::Stats},       {"METRICS", Action::Metrics},
    {"ARCHIVE", Action::Archive}, {"DISCOVER", Action::Discover}, {"DIAGNOSTICS", Action::Diagnostics},
    {"CHECK", Action::Check}};

constexpr const char* kToken = "hpcs_object_store_token";

std::optional<Action> parseAction(const json::Value& given) {
  const std::string word = upperCase(given.text());
  for (const auto& [name, action] : kActions)
    if (name == word) return action;
  return std::nullopt;
}

bool isLegacy(const json::Value& request) { return !request["generation"]; }

// The ancestor answers ENABLED for every node that is configured as wanted; its
// requests know no other condition.
void setCondition(json::Value node, bool as_wanted, bool legacy) {
  if (!node.isObject()) return;
  const bool keep = !legacy && node["condition"].isString();
  if (!as_wanted)
    node.set("condition", "DISABLED");
  else if (!keep)
    node.set("condition", "ENABLED");
}

bool isOk(const std::map<std::string, bool>& node_ok, const json::Value& id) {
  const auto found = node_ok.find(decimalId(id).value_or(""));
  return found != node_ok.end() && found->second;
}

void addDefaultPath(json::Value monitor) {
  if (monitor.isObject() && absentOrNull(monitor["path"])) monitor.set("path", "/");
}

}  // namespace

Job readJob(std::string_view payload) {
  const auto parsed = json::parse(payload);
  if (!parsed || !parsed->isObject()) return {std::nullopt, json::Value::object()};
  Job job{parseAction((*parsed)["hpcs_action"]), *parsed};
  if (job.request[kToken]) job.request.set(kToken, "*****");
  return job;
}

json::Value passed(json::Value request) {
  hideKeys(request);
  return request.set("hpcs_response", "PASS");
}

json::Value failed(json::Value request, std::string_view error) {
  hideKeys(request);
  if (!error.empty()) request.set("hpcs_error", error);
  return request.set("hpcs_response", "FAIL");
}

json::Value badRequest(std::string_view message) {
  return json::Value::object().set("badRequest",
                                   json::Value::object()
                                       .set("code", "400")
                                       .set("message", "Validation fault")
                                       .set("details", "The object is not valid")
                                       .set("validationErrors", json::Value::object().set("message", message)));
}

json::Value updated(json::Value request, const Outcome& outcome) {
  const bool legacy = isLegacy(request);
  const auto load_balancers = request["loadBalancers"];
  for (std::size_t i = 0; i < load_balancers.size() && !outcome.already_newer; ++i) {
    addDefaultPath(load_balancers[i]["monitor"]);
    const auto nodes = load_balancers[i]["nodes"];
    for (std::size_t j = 0; j < nodes.size(); ++j)
      setCondition(nodes[j], isOk(outcome.node_ok, nodes[j]["id"]), legacy);
  }
  if (!legacy) {
    request.set("generation", static_cast<std::int64_t>(outcome.generation)).set("ms", outcome.ms);
    if (!outcome.mechanism.empty()) request.set("mechanism", outcome.mechanism);
    if (outcome.already_newer) request.set("already_newer", true);
  }
  return passed(std::move(request));
}

json::Value updateFailed(json::Value request, std::string_view error) {
  const auto load_balancers = request["loadBalancers"];
  if (load_balancers.isArray() && load_balancers.size() > 0) {
    const auto nodes = load_balancers[load_balancers.size() - 1]["nodes"];
    for (std::size_t j = 0; nodes.isArray() && j < nodes.size(); ++j) setCondition(nodes[j], false, true);
  }
  const std::string_view told = isLegacy(request) ? "" : error;
  return failed(std::move(request), told);
}

std::variant<std::monostate, BadRequest, Refused> checkArchive(const json::Value& request) {
  const auto missing = [](std::string_view field) {
    return BadRequest{"Missing '" + std::string(field) + "' element"};
  };
  const auto type = request["hpcs_object_store_type"];
  if (!type) return missing("hpcs_object_store_type");
  if (upperCase(type.text()) != "SWIFT")
    return BadRequest{"'" + (type.isString() ? type.text() : json::dump(type)) + "' is not a valid store type"};
  for (const char* field : {"hpcs_object_store_basepath", "hpcs_object_store_endpoint", kToken, "loadBalancers"})
    if (!request[field]) return missing(field);
  if (!request["loadBalancers"][0]["id"].isString()) return Refused{};
  return {};
}

}  // namespace libra::protocol
