#pragma once

// Virtual IPs in memory.

#include "tests/support/memory/tables.h"

namespace libra::test::memory {

class Vips final : public service::VipTable, MemoryTables {
 public:
  using MemoryTables::MemoryTables;

  std::int64_t insert(const NetAddress& address, int prefix) override {
    for (const auto& [id, row] : rows.vips)
      if (row.address == address) return id;
    MemoryRows::VipRow row;
    row.id = newId();
    row.address = address;
    row.prefix = prefix;
    rows.vips.emplace(row.id, row);
    return row.id;
  }
  std::optional<VirtualIp> claimFree(std::int64_t device, Time now) override {
    if (!MemoryTables::device(device)) throw Broken{"no such device"};
    auto* best = longestFree(now);
    if (!best) return std::nullopt;
    best->device = device;
    ++best->epoch;
    return *best;
  }
  std::optional<VirtualIp> findFree(Time now) override {
    const auto* best = longestFree(now);
    return best ? std::optional<VirtualIp>(*best) : std::nullopt;
  }
  std::optional<VirtualIp> find(std::int64_t id) override {
    auto it = rows.vips.find(id);
    return it == rows.vips.end() ? std::nullopt : std::optional<VirtualIp>(it->second);
  }
  std::vector<VirtualIp> ofDevice(std::int64_t device) override {
    std::vector<VirtualIp> found;
    for (const auto& [id, row] : rows.vips)
      if (device != 0 && row.device == device) found.push_back(row);
    return found;
  }
  std::optional<VirtualIp> findByAddress(const NetAddress& address) override {
    for (const auto& [id, row] : rows.vips)
      if (row.address == address) return row;
    return std::nullopt;
  }
  std::vector<VirtualIp> held() override {
    std::vector<VirtualIp> found;
    for (const auto& [id, row] : rows.vips)
      if (row.device != 0) found.push_back(row);
    return found;
  }
  void moveTo(std::int64_t id, std::int64_t device) override {
    if (!MemoryTables::device(device)) throw Broken{"no such device"};
    auto it = rows.vips.find(id);
    if (it == rows.vips.end()) return;
    it->second.device = device;
    ++it->second.epoch;
  }
  void release(std::int64_t id, Time free_from) override {
    auto it = rows.vips.find(id);
    if (it == rows.vips.end()) return;
    it->second.device = 0;
    it->second.free_from = rounded(free_from);
  }
  int countFree(Time now) override { return counts(now).free; }
  Counts counts(Time now) override {
    Counts counts;
    for (const auto& [id, vip] : rows.vips)
      ++(vip.device != 0 ? counts.held : vip.free_from <= rounded(now) ? counts.free : counts.quarantined);
    return counts;
  }

 private:
  MemoryRows::VipRow* longestFree(Time now) {
    MemoryRows::VipRow* best = nullptr;
    for (auto& [id, row] : rows.vips)
      if (row.device == 0 && row.free_from <= rounded(now) && (!best || row.free_from < best->free_from)) best = &row;
    return best;
  }
};

}  // namespace libra::test::memory
