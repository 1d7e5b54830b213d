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

void addCounters(const UsageCounters& used, json::Value& entry) {
  auto statuses = json::Value::array();
  for (const auto answers : used.statuses) statuses.push(number(answers));
  entry.set("bytes_in", number(used.bytes_in))
      .set("bytes_out", number(used.bytes_out))
      .set("connections", number(used.connections))
      .set("requests", number(used.requests))
      .set("statuses", statuses);
}

UsageCounters readUsed(const json::Value& entry) {
  UsageCounters used{
      count(entry["bytes_in"]), count(entry["bytes_out"]), count(entry["connections"]), count(entry["requests"]), {}};
  for (std::size_t i = 0; i < used.statuses.size(); ++i) used.statuses[i] = count(entry["statuses"][i]);
  return used;
}

json::Value writeEntry(const LoadBalancerUsage& usage) {
  auto entry = json::Value::object().set("id", usage.id).set("protocol", name(usage.protocol));
  addCounters(usage.used, entry);
  auto parts = json::Value::array();
  for (const auto& [id, used] : usage.nodes) {
    auto part = json::Value::object().set("id", id);
    addCounters(used, part);
    parts.push(part);
  }
  return entry.set("parts", parts);
}

LoadBalancerUsage readEntry(const json::Value& entry) {
  LoadBalancerUsage usage{
      entry["id"].text(), parseProtocol(entry["protocol"].text()).value_or(Protocol::Http), readUsed(entry), {}};
  const auto parts = entry["parts"];
  for (std::size_t i = 0; i < parts.size(); ++i) usage.nodes[parts[i]["id"].text()] = readUsed(parts[i]);
  return usage;
}

json::Value writeEntries(const UsageEntries& entries) {
  auto list = json::Value::array();
  for (const auto& [key, entry] : entries) list.push(writeEntry({key.first, key.second, entry.used, entry.parts}));
  return list;
}

UsageEntries readEntries(const json::Value& list) {
  UsageEntries entries;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto entry = readEntry(list[i]);
    entries[{entry.id, entry.protocol}] = {entry.used, entry.nodes};
  }
  return entries;
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
                   .set("last", writeEntries(record.last))
                   .set("unreported", writeEntries(record.unreported))
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
  record.last = readEntries((*whole)["last"]);
  record.unreported = readEntries((*whole)["unreported"]);
  record.period_start = readTime((*whole)["period_start"]);
  record.sequence = count((*whole)["sequence"]);
  if (const auto outstanding = (*whole)["outstanding"]) record.outstanding = readPeriod(outstanding);
  return record;
}

}  // namespace libra::sidecar
