#include "lib/protocol/device_report.h"

#include <cstdio>
#include <ctime>
#include <limits>

#include "lib/protocol/device_answer.h"
#include "lib/protocol/fields.h"

namespace libra::protocol {

namespace {

std::string_view word(NodeHealth health) { return health == NodeHealth::Up ? "UP" : "DOWN"; }

// "2014-03-02 08:15:00.120431"
std::string utc(Time time) {
  using namespace std::chrono;
  const auto micros = duration_cast<microseconds>(time.time_since_epoch());
  const std::time_t seconds = floor<std::chrono::seconds>(micros).count();
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char day[32] = "", fraction[16] = "";
  std::strftime(day, sizeof day, "%Y-%m-%d %H:%M:%S", &parts);
  const auto rest = (micros - floor<std::chrono::seconds>(micros)).count();
  std::snprintf(fraction, sizeof fraction, ".%06d", static_cast<int>(rest));
  return std::string(day) + fraction;
}

json::Value number(std::uint64_t value) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  return json::Value::of(static_cast<std::int64_t>(std::min(value, kMost)));
}

void addCounters(const UsageCounters& used, json::Value& entry) {
  constexpr const char* kClasses[] = {"1xx", "2xx", "3xx", "4xx", "5xx"};
  auto statuses = json::Value::object();
  for (std::size_t i = 0; i < used.statuses.size(); ++i) statuses.set(kClasses[i], number(used.statuses[i]));
  entry.set("bytes_in", number(used.bytes_in))
      .set("bytes_out", number(used.bytes_out))
      .set("connections", number(used.connections))
      .set("requests", number(used.requests))
      .set("statuses", statuses);
}

json::Value writeUsage(const LoadBalancerUsage& usage) {
  auto entry = json::Value::object();
  if (!usage.id.empty()) entry.set("id", usage.id);
  entry.set("protocol", usage.protocol == Protocol::Http ? "http" : "tcp");
  addCounters(usage.used, entry);
  auto nodes = json::Value::array();
  for (const auto& [id, used] : usage.nodes) {
    auto node = json::Value::object().set("id", id);
    addCounters(used, node);
    nodes.push(node);
  }
  return entry.set("nodes", nodes);
}

// None also of years that Time, in nanoseconds, cannot hold.
std::optional<Time> readUtc(const std::string& text) {
  std::tm parts{};
  const char* rest = ::strptime(text.c_str(), "%Y-%m-%d %H:%M:%S", &parts);
  if (rest == nullptr || *rest != '.' || parts.tm_year < 70 || parts.tm_year >= 300) return std::nullopt;
  const auto micros = wholeNumber(json::Value::of(std::string_view(rest + 1)), 0, 999'999);
  if (!micros || text.c_str() + text.size() - rest != 7) return std::nullopt;
  return Time(std::chrono::seconds(::timegm(&parts))) + std::chrono::microseconds(*micros);
}

std::uint64_t counted(const json::Value& entry, const char* name) {
  return static_cast<std::uint64_t>(wholeNumber(entry[name], 0, std::numeric_limits<std::int64_t>::max()).value_or(0));
}

LoadBalancerUsage readUsageOf(const json::Value& entry) {
  LoadBalancerUsage usage;
  usage.id = decimalId(entry["id"]).value_or("");
  usage.protocol = entry["protocol"].text() == "http" ? Protocol::Http : Protocol::Tcp;
  usage.used.bytes_in = counted(entry, "bytes_in");
  usage.used.bytes_out = counted(entry, "bytes_out");
  usage.used.connections = counted(entry, "connections");
  usage.used.requests = counted(entry, "requests");
  return usage;
}

json::Value writeStatus(const std::string& id, const NodeStatus& node) {
  auto changes = json::Value::array();
  for (const auto& change : node.changes)
    changes.push(json::Value::object()
                     .set("status", word(change.health))
                     .set("reason", change.reason)
                     .set("at", std::string_view(utc(change.at))));
  return json::Value::object()
      .set("id", id)
      .set("status", word(node.health))
      .set("reason", node.reason)
      .set("lastCheck", node.last_check)
      .set("since", std::string_view(utc(node.since)))
      .set("changes", changes);
}

}  // namespace

json::Value withHealth(json::Value request, const std::map<std::string, NodeStatus>& nodes) {
  auto list = json::Value::array();
  for (const auto& [id, node] : nodes) list.push(writeStatus(id, node));
  return passed(request.set("nodes", list));
}

json::Value withEvents(json::Value answer, const std::vector<DeviceEvent>& events) {
  if (events.empty()) return answer;
  auto list = json::Value::array();
  for (const auto& event : events) list.push(json::Value::of(utc(event.at) + ": " + event.text));
  return answer.set("events", list);
}

json::Value onDeleted(json::Value request, std::string_view action) {
  request.set("status", "DELETED");
  return failed(std::move(request), "Invalid operation " + std::string(action) + " on a deleted LB.");
}

json::Value withUsage(json::Value request, const UsagePeriod& period) {
  auto list = json::Value::array();
  for (const auto& usage : period.load_balancers) list.push(writeUsage(usage));
  request.set("utc_start", utc(period.start))
      .set("utc_end", utc(period.end))
      .set("sequence", number(period.sequence))
      .set("loadBalancers", list);
  return passed(std::move(request));
}

Result<UsagePeriod> readUsage(const json::Value& answer) {
  const auto start = readUtc(answer["utc_start"].text()), end = readUtc(answer["utc_end"].text());
  const auto sequence = wholeNumber(answer["sequence"], 1, std::numeric_limits<std::int64_t>::max());
  const auto list = answer["loadBalancers"];
  if (!start || !end || !sequence || !list.isArray() || list.size() > kMostReported)
    return Error{ErrorCode::Invalid, "what it tells of its usage cannot be read"};
  UsagePeriod period{static_cast<std::uint64_t>(*sequence), *start, *end, {}};
  for (std::size_t i = 0; i < list.size(); ++i) period.load_balancers.push_back(readUsageOf(list[i]));
  return period;
}

std::string writeMetrics(std::uint64_t acknowledged) {
  return json::dump(json::Value::object().set("hpcs_action", "METRICS").set("acknowledged", number(acknowledged)));
}

std::optional<std::uint64_t> acknowledged(const json::Value& request) {
  const auto sequence = wholeNumber(request["acknowledged"], 0, std::numeric_limits<std::int64_t>::max());
  if (!sequence) return std::nullopt;
  return static_cast<std::uint64_t>(*sequence);
}

json::Value withRelease(json::Value request, const Release& release) {
  auto words = json::Value::array();
  for (const auto& word : release.capabilities) words.push(json::Value::of(std::string_view(word)));
  request.set("version", release.version)
      .set("release", release.release)
      .set("driver", release.driver)
      .set("proxy", release.proxy)
      .set("capabilities", words)
      .set("max_load_balancers", release.max_load_balancers);
  return passed(std::move(request));
}

json::Value withDiagnosis(json::Value request, const Diagnosis& diagnosis) {
  auto list = json::Value::array();
  for (const auto& [host, connected] : diagnosis.job_servers)
    list.push(json::Value::object().set("host", host).set("status", connected ? "PASS" : "FAIL"));
  request.set("gearman", list).set("network", diagnosis.network ? "PASS" : "FAIL");
  if (!diagnosis.listening.empty()) request.set("listening", diagnosis.listening);
  return passed(std::move(request));
}

}  // namespace libra::protocol
