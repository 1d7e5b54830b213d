#include "sidecar/usage/usage_ledger.h"

#include <algorithm>
#include <filesystem>

#include "lib/base/files.h"
#include "sidecar/usage/usage_codec.h"

namespace libra::sidecar {

namespace {

std::uint64_t grown(std::uint64_t before, std::uint64_t now) { return now >= before ? now - before : now; }

UsageCounters grown(const UsageCounters& before, const UsageCounters& now) {
  return {grown(before.bytes_in, now.bytes_in), grown(before.bytes_out, now.bytes_out),
          grown(before.connections, now.connections), grown(before.requests, now.requests)};
}

void add(UsageCounters& sum, const UsageCounters& more) {
  sum.bytes_in += more.bytes_in;
  sum.bytes_out += more.bytes_out;
  sum.connections += more.connections;
  sum.requests += more.requests;
}

protocol::LoadBalancerUsage told(const UsageKey& key, const UsageCounters& used) {
  return {key.first, key.second, used.bytes_in, used.bytes_out, used.connections, used.requests};
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
  if (now.proxy_start != record_.proxy_start) record_.last.clear();
  std::map<UsageKey, UsageCounters> current;
  for (const auto& lb : now.load_balancers) {
    const UsageKey key{lb.lb_id, lb.protocol};
    const UsageCounters counters{lb.bytes_in, lb.bytes_out, lb.connections, lb.requests};
    add(record_.unreported[key], grown(record_.last[key], counters));
    current[key] = counters;
  }
  changed_ = changed_ || now.proxy_start != record_.proxy_start || current != record_.last;
  record_.proxy_start = now.proxy_start;
  record_.last = std::move(current);
}

Result<protocol::UsagePeriod> UsageLedger::report(std::optional<std::uint64_t> acknowledged) {
  if (record_.outstanding && acknowledged && *acknowledged < record_.outstanding->sequence) return *record_.outstanding;

  const UsageRecord before = record_;
  protocol::UsagePeriod period;
  period.sequence = record_.sequence = std::max(record_.sequence, acknowledged.value_or(0)) + 1;
  period.start = record_.period_start;
  period.end = std::max(clock_.now(), period.start);
  for (const auto& [key, used] : record_.unreported) period.load_balancers.push_back(told(key, used));
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
