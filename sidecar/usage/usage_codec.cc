#include "sidecar/usage/usage_codec.h"

#include "lib/json/value.h"

namespace libra::sidecar {

namespace {

using protocol::LoadBalancerUsage;
using protocol::UsagePeriod;

json::Value number(std::uint64_t value) { return json::Value::of(static_cast<std::int64_t>(value)); }
std::uint64_t count(const json::Value& value) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, value.integer()));
}

json::Value writeTime(Time time) {
  return json::Value::of(std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count());
}
Time readTime(const json::Value& value) { return Time(std::chrono::microseconds(value.integer())); }

json::Value writeEntry(const LoadBalancerUsage& usage) {
  return json::Value::object()
      .set("id", usage.id)
      .set("protocol", name(usage.protocol))
      .set("bytes_in", number(usage.bytes_in))
      .set("bytes_out", number(usage.bytes_out))
      .set("connections", number(usage.connections))
      .set("requests", number(usage.requests));
}

LoadBalancerUsage readEntry(const json::Value& entry) {
  return {entry["id"].text(),          parseProtocol(entry["protocol"].text()).value_or(Protocol::Http),
          count(entry["bytes_in"]),    count(entry["bytes_out"]),
          count(entry["connections"]), count(entry["requests"])};
}

json::Value writeCounters(const std::map<UsageKey, UsageCounters>& counters) {
  auto list = json::Value::array();
  for (const auto& [key, c] : counters)
    list.push(writeEntry({key.first, key.second, c.bytes_in, c.bytes_out, c.connections, c.requests}));
  return list;
}

std::map<UsageKey, UsageCounters> readCounters(const json::Value& list) {
  std::map<UsageKey, UsageCounters> counters;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto entry = readEntry(list[i]);
    counters[{entry.id, entry.protocol}] = {entry.bytes_in, entry.bytes_out, entry.connections, entry.requests};
  }
  return counters;
}

json::Value writePeriod(const UsagePeriod& period) {
  auto list = json::Value::array();
  for (const auto& usage : period.load_balancers) list.push(writeEntry(usage));
  return json::Value::object()
      .set("sequence", number(period.sequence))
      .set("start", writeTime(period.start))
      .set("end", writeTime(period.end))
      .set("load_balancers", list);
}

UsagePeriod readPeriod(const json::Value& value) {
  UsagePeriod period{count(value["sequence"]), readTime(value["start"]), readTime(value["end"]), {}};
  const auto list = value["load_balancers"];
  for (std::size_t i = 0; i < list.size(); ++i) period.load_balancers.push_back(readEntry(list[i]));
  return period;
}

}  // namespace

std::string writeUsageRecord(const UsageRecord& record) {
  auto whole = json::Value::object()
                   .set("proxy_start", number(record.proxy_start))
                   .set("last", writeCounters(record.last))
                   .set("unreported", writeCounters(record.unreported))
                   .set("period_start", writeTime(record.period_start))
                   .set("sequence", number(record.sequence));
  if (record.outstanding) whole.set("outstanding", writePeriod(*record.outstanding));
  return json::dump(whole);
}

Result<UsageRecord> readUsageRecord(std::string_view text) {
  const auto whole = json::parse(text);
  if (!whole || !(*whole)["period_start"].isInteger())
    return Error{ErrorCode::Invalid, "The usage record cannot be read",
                 whole ? "a member is missing" : whole.error().message};
  UsageRecord record;
  record.proxy_start = count((*whole)["proxy_start"]);
  record.last = readCounters((*whole)["last"]);
  record.unreported = readCounters((*whole)["unreported"]);
  record.period_start = readTime((*whole)["period_start"]);
  record.sequence = count((*whole)["sequence"]);
  if (const auto outstanding = (*whole)["outstanding"]) record.outstanding = readPeriod(outstanding);
  return record;
}

}  // namespace libra::sidecar
