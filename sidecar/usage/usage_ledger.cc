#include "sidecar/usage/usage_ledger.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "lib/base/files.h"
#include "sidecar/usage/usage_codec.h"

namespace libra::sidecar {

namespace {

std::uint64_t grown(std::uint64_t before, std::uint64_t now) { return now >= before ? now - before : now; }

void addGrowth(UsageCounters& sum, const UsageCounters& before, const UsageCounters& now) {
  sum.bytes_in += grown(before.bytes_in, now.bytes_in);
  sum.bytes_out += grown(before.bytes_out, now.bytes_out);
  sum.connections += grown(before.connections, now.connections);
  sum.requests += grown(before.requests, now.requests);
  for (std::size_t i = 0; i < sum.statuses.size(); ++i) sum.statuses[i] += grown(before.statuses[i], now.statuses[i]);
}

}  // namespace

Status UsageLedger::load() {
  if (!std::filesystem::exists(path_)) {
    record_.period_start = clock_.now();
    return ok();
  }
  const auto text = readFile(path_);
  if (!text) return text.error();
  auto record = readUsageRecord(*text);
  if (!record) return record.error();
  record_ = *std::move(record);
  return ok();
}

void UsageLedger::sample(const Usage& now) {
  auto before = std::exchange(predecessors_, {});
  before[record_.proxy_start] = record_.last;
  for (const auto& process : now.predecessors)
    predecessors_[process.proxy_start] = add(process, before[process.proxy_start]);
  auto current = add(now, before[now.proxy_start]);
  changed_ = changed_ || !now.predecessors.empty() || now.proxy_start != record_.proxy_start || current != record_.last;
  record_.proxy_start = now.proxy_start;
  record_.last = std::move(current);
}

// What the process counted since `before`, to what is unreported. Gives what it has counted by now.
UsageEntries UsageLedger::add(const Usage& now, const UsageEntries& before) {
  UsageEntries current;
  for (const auto& lb : now.load_balancers) {
    const UsageKey key{lb.lb_id, lb.protocol};
    const auto entry = before.find(key);
    const auto had = entry == before.end() ? UsageEntry{} : entry->second;
    auto& sum = record_.unreported[key];
    addGrowth(sum.used, had.used, lb.used);
    current[key].used = lb.used;
    for (const auto& server : lb.servers) {
      const auto known = had.parts.find(server.name);
      addGrowth(sum.parts[server.node], known == had.parts.end() ? UsageCounters{} : known->second, server.used);
      current[key].parts[server.name] = server.used;
    }
  }
  for (const auto& server : now.left)
    for (const auto& [key, had] : before) {
      const auto known = had.parts.find(server.name);
      if (known == had.parts.end()) continue;
      addGrowth(record_.unreported[key].parts[server.node], known->second, server.used);
      current[key].parts[server.name] = server.used;
    }
  return current;
}

Result<protocol::UsagePeriod> UsageLedger::report(std::optional<std::uint64_t> acknowledged) {
  if (record_.outstanding && acknowledged && *acknowledged < record_.outstanding->sequence) return *record_.outstanding;

  const UsageRecord before = record_;
  protocol::UsagePeriod period;
  period.sequence = record_.sequence = std::max(record_.sequence, acknowledged.value_or(0)) + 1;
  period.start = record_.period_start;
  period.end = std::max(clock_.now(), period.start);
  for (const auto& [key, used] : record_.unreported)
    period.load_balancers.push_back({key.first, key.second, used.used, used.parts});
  record_.unreported.clear();
  record_.period_start = period.end + std::chrono::microseconds(1);
  record_.outstanding = period;
  changed_ = true;
  if (const auto saved = save(); !saved) {
    record_ = before;
    return saved.error();
  }
  return period;
}

Status UsageLedger::save() {
  if (!changed_) return ok();
  if (auto written = replaceFile(path_, writeUsageRecord(record_), 0600); !written) return written;
  changed_ = false;
  return ok();
}

}  // namespace libra::sidecar
