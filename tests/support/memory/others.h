#pragma once

// Admin users, leases, votes, request keys and usage in memory.

#include "tests/support/memory/tables.h"

namespace libra::test::memory {

class AdminUsers final : public service::AdminUserTable, MemoryTables {
 public:
  using MemoryTables::MemoryTables;
  std::vector<AdminUser> list() override { return rows.admin_users; }
  std::optional<AdminUser> find(std::string_view tenant) override {
    const auto* user = row(tenant);
    return user ? std::optional(*user) : std::nullopt;
  }
  bool insert(const AdminUser& user) override {
    if (row(user.tenant)) return false;
    rows.admin_users.push_back(user);
    return true;
  }
  bool setLevel(std::string_view tenant, AdminLevel level) override {
    auto* user = row(tenant);
    if (user) user->level = level;
    return user != nullptr;
  }
  bool remove(std::string_view tenant) override {
    return std::erase_if(rows.admin_users, [&](const AdminUser& user) { return user.tenant == tenant; }) == 1;
  }

 private:
  AdminUser* row(std::string_view tenant) {
    for (auto& user : rows.admin_users)
      if (user.tenant == tenant) return &user;
    return nullptr;
  }
};

class Leases final : public service::LeaseTable, MemoryTables {
 public:
  using MemoryTables::MemoryTables;
  std::vector<Lease> list() override {
    std::vector<Lease> all;
    for (const auto& [name, row] : rows.leases) all.push_back(row);
    return all;
  }
  bool take(const Lease& seen, std::string_view holder) override {
    if (seen.epoch == 0) return rows.leases.try_emplace(seen.name, Lease{seen.name, std::string(holder), 1, 0}).second;
    auto* row = untouched(seen);
    if (row) *row = {seen.name, std::string(holder), seen.epoch + 1, seen.beat + 1};
    return row != nullptr;
  }
  void renew(std::string_view holder) override {
    for (auto& [name, row] : rows.leases)
      if (row.holder == holder) ++row.beat;
  }
  bool write(std::string_view name, std::uint64_t epoch) override { return ofEpoch(name, epoch) != nullptr; }
  void release(std::string_view name, std::uint64_t epoch) override {
    auto* row = ofEpoch(name, epoch);
    if (!row) return;
    row->holder.clear();
    ++row->beat;
  }
  void remove(const Lease& seen) override {
    if (untouched(seen)) rows.leases.erase(seen.name);
  }

 private:
  Lease* ofEpoch(std::string_view name, std::uint64_t epoch) {
    const auto row = rows.leases.find(name);
    return row != rows.leases.end() && row->second.epoch == epoch ? &row->second : nullptr;
  }
  Lease* untouched(const Lease& seen) {
    auto* row = ofEpoch(seen.name, seen.epoch);
    return row && row->beat == seen.beat ? row : nullptr;
  }
};

class Votes final : public service::VoteTable, MemoryTables {
 public:
  using MemoryTables::MemoryTables;
  std::vector<Vote> list() override {
    std::vector<Vote> all;
    for (const auto& [key, lost] : rows.votes) all.push_back({key.first, key.second, lost});
    return all;
  }
  void cast(const Vote& vote) override { rows.votes[{vote.device, vote.voter}] = vote.lost; }
  void withdraw(std::string_view device, std::string_view voter) override {
    rows.votes.erase({std::string(device), std::string(voter)});
  }
  void withdrawObjections(std::string_view device) override {
    std::erase_if(rows.votes, [&](const auto& row) { return row.first.first == device && !row.second; });
  }
  void forget(std::string_view voter) override {
    std::erase_if(rows.votes, [&](const auto& row) { return row.first.second == voter; });
  }
};

class Requests final : public service::RequestTable, MemoryTables {
 public:
  using MemoryTables::MemoryTables;
  std::optional<service::KnownRequest> claim(std::string_view tenant, std::string_view key,
                                             std::string_view fingerprint, Time now, Time forgotten) override {
    auto& row = rows.requests[{std::string(tenant), std::string(key)}];
    if (!row.fingerprint.empty() && row.created >= rounded(forgotten)) return row;
    row = {{std::string(fingerprint), 0, ""}, rounded(now)};
    return std::nullopt;
  }
  void answer(std::string_view tenant, std::string_view key, int status, std::string_view body) override {
    auto& row = rows.requests.at({std::string(tenant), std::string(key)});
    row.status = status;
    row.body = body;
  }
  int forget(Time before, int most) override {
    int forgotten = 0;
    std::erase_if(rows.requests, [&](const auto& entry) {
      return entry.second.created < rounded(before) && forgotten < most && ++forgotten;
    });
    return forgotten;
  }
};

class UsageRows final : public service::UsageTable, MemoryTables {
 public:
  using MemoryTables::MemoryTables;
  void add(const UsageReport& report) override {
    for (auto sample : report.samples) {
      sample.device = report.device;
      sample.start = rounded(report.start);
      sample.end = rounded(report.end);
      rows.usage.try_emplace({report.device, report.sequence, sample.load_balancer}, sample);
    }
    auto& told = rows.usage_told[report.device];
    told = std::max(told, report.sequence);
  }
  std::uint64_t lastSequence(std::int64_t device) override {
    const auto told = rows.usage_told.find(device);
    return told == rows.usage_told.end() ? 0 : told->second;
  }
  std::vector<LbUsageSample> ofLoadBalancer(std::int64_t id, Time before, int most) override {
    std::vector<LbUsageSample> found;
    for (const auto& [key, sample] : rows.usage)
      if (sample.load_balancer == id && sample.start < rounded(before)) found.push_back(sample);
    std::sort(found.begin(), found.end(),
              [](const auto& a, const auto& b) { return std::tie(b.start, b.device) < std::tie(a.start, a.device); });
    if (found.size() > static_cast<std::size_t>(most)) found.resize(static_cast<std::size_t>(most));
    return found;
  }
  int forget(Time before, int most) override {
    int forgotten = 0;
    std::erase_if(rows.usage, [&](const auto& entry) {
      return entry.second.end < rounded(before) && forgotten < most && ++forgotten;
    });
    return forgotten;
  }
};

}  // namespace libra::test::memory
