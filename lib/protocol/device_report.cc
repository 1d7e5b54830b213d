#include "lib/protocol/device_report.h"

#include <cstdio>
#include <ctime>
#include <limits>

#include "lib/protocol/device_answer.h"
#include "lib/protocol/fields.h"

namespace libra::protocol {

namespace {

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

json::Value writeUsage(const LoadBalancerUsage& usage) {
  auto entry = json::Value::object();
  if (!usage.id.empty()) entry.set("id", usage.id);
  return entry.set("protocol", usage.protocol == Protocol::Http ? "http" : "tcp")
      .set("bytes_in", number(usage.bytes_in))
      .set("bytes_out", number(usage.bytes_out))
      .set("connections", number(usage.connections))
      .set("requests", number(usage.requests));
}

}  // namespace

json::Value withHealth(json::Value request, const std::map<std::string, NodeHealth>& nodes) {
  auto list = json::Value::array();
  for (const auto& [id, health] : nodes)
    list.push(json::Value::object().set("id", id).set("status", health == NodeHealth::Up ? "UP" : "DOWN"));
  return passed(request.set("nodes", list));
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
  return passed(std::move(request));
}

}  // namespace libra::protocol
