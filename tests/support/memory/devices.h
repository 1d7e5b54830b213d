#pragma once

// Devices in memory.

#include "tests/support/memory/tables.h"

namespace libra::test::memory {

inline bool isSpare(const Device& device) { return device.status == DeviceStatus::Offline && !device.maintenance; }

class Devices final : public service::DeviceTable, MemoryTables {
 public:
  using MemoryTables::MemoryTables;

  std::int64_t insert(const NewDevice& wanted, Time now) override {
    if (findByName(wanted.name)) throw Broken{"device name exists"};
    Device row;
    static_cast<NewDevice&>(row) = wanted;
    row.id = newId();
    row.created = row.updated = rounded(now);
    rows.devices.emplace(row.id, row);
    return row.id;
  }
  std::optional<Device> find(std::int64_t id) override {
    const auto* row = device(id);
    return row ? std::optional(*row) : std::nullopt;
  }
  std::optional<Device> findByName(std::string_view name) override {
    for (const auto& [id, row] : rows.devices)
      if (row.name == name) return row;
    return std::nullopt;
  }
  std::vector<Device> list() override {
    std::vector<Device> all;
    for (const auto& [id, row] : rows.devices) all.push_back(row);
    return all;
  }
  std::vector<Device> withStatus(DeviceStatus status, int most) override {
    std::vector<Device> found;
    for (const auto& [id, row] : rows.devices)
      if (row.status == status && static_cast<int>(found.size()) < most) found.push_back(row);
    return found;
  }
  std::map<DeviceStatus, int> counts() override {
    std::map<DeviceStatus, int> counts;
    for (const auto& [id, row] : rows.devices) ++counts[row.status];
    return counts;
  }
  ZoneCounts countsByZone() override {
    ZoneCounts counts;
    for (const auto& [id, row] : rows.devices) ++counts[{row.status, row.zone}];
    return counts;
  }
  int countSpares() override {
    return static_cast<int>(
        std::count_if(rows.devices.begin(), rows.devices.end(), [](const auto& row) { return isSpare(row.second); }));
  }
  service::Backlog backlog() override {
    service::Backlog backlog;
    for (const auto& [id, row] : rows.devices) backlog.devices += row.applied_generation < row.generation;
    for (const auto& [id, lb] : rows.load_balancers) {
      const auto* on = lb.device == 0 ? nullptr : device(lb.device);
      if (!on || on->applied_generation >= on->generation || lb.generation <= on->applied_generation) continue;
      if (!backlog.oldest || lb.updated < *backlog.oldest) backlog.oldest = lb.updated;
    }
    return backlog;
  }

  std::optional<Device> claimSpare(const service::SpareWish& wish) override {
    const auto places = wish.places.empty() ? std::vector<service::SparePlace>(1) : wish.places;
    for (const auto& place : places)
      for (auto& [id, row] : rows.devices) {
        if (!isSpare(row) || !firstLacking(row, wish.needs).empty() || (wish.id != 0 && wish.id != id)) continue;
        if (wish.not_these.contains(id)) continue;
        if (!place.zone.empty() && row.zone != place.zone) continue;
        if (!place.not_group.empty() && row.host_group == place.not_group) continue;
        row.status = DeviceStatus::Build;
        raiseGeneration(id, 0);
        return row;
      }
    return std::nullopt;
  }
  void postpone(std::int64_t id, std::int64_t target, Time until) override {
    auto* row = device(id);
    if (!row) return;
    row->waits_for = target;
    row->next_due = rounded(until);
  }
  std::vector<std::int64_t> endPostponed(std::int64_t target) override {
    std::vector<std::int64_t> waiting;
    for (auto& [id, row] : rows.devices) {
      if (row.waits_for != target) continue;
      row.waits_for = 0;
      row.next_due = Time{};
      waiting.push_back(id);
    }
    return waiting;
  }
  bool setStatus(std::int64_t id, DeviceStatus from, DeviceStatus to) override {
    auto* row = device(id);
    if (!row || row->status != from) return false;
    row->status = to;
    return true;
  }
  void setMaintenance(std::int64_t id, bool on) override {
    if (auto* row = device(id)) row->maintenance = on;
  }
  std::uint64_t raiseGeneration(std::int64_t id, std::uint64_t above) override {
    auto* row = device(id);
    if (!row) throw Broken{"no such device"};
    row->attempts = 0;
    row->next_due = Time{};
    return row->generation = std::max(row->generation, above) + 1;
  }
  std::optional<Device> lock(std::int64_t id) override { return find(id); }
  bool markApplied(std::int64_t id, std::uint64_t generation, DeviceStatus status) override {
    auto* row = device(id);
    if (!row || row->applied_generation >= generation) return false;
    row->applied_generation = generation;
    row->status = status;
    if (generation >= row->generation) {
      row->attempts = 0;
      row->last_error.clear();
    }
    return true;
  }
  void recordFailure(std::int64_t id, std::uint64_t generation, std::string_view error, Time next_due) override {
    auto* row = device(id);
    if (!row || row->generation != generation) return;
    ++row->attempts;
    row->last_error = utf8Prefix(error, 1024);
    row->next_due = rounded(next_due);
  }
  std::vector<std::int64_t> due(Time now, int most, model::Shards shards) override {
    std::vector<std::pair<Time, std::int64_t>> late;
    for (const auto& [id, row] : rows.devices)
      if (row.applied_generation < row.generation && row.next_due <= rounded(now) && model::contains(shards, id))
        late.emplace_back(row.next_due, id);
    std::sort(late.begin(), late.end());
    std::vector<std::int64_t> found;
    for (const auto& [when, id] : late)
      if (static_cast<int>(found.size()) < most) found.push_back(id);
    return found;
  }
  void remove(std::int64_t id) override {
    for (const auto& [lb, row] : rows.load_balancers)
      if (row.device == id) throw Broken{"a load balancer is on the device"};
    for (const auto& [vip, row] : rows.vips)
      if (row.device == id) throw Broken{"a VIP is on the device"};
    rows.devices.erase(id);
  }
};

}  // namespace libra::test::memory
