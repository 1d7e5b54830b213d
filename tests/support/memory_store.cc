#include "tests/support/memory_store.h"

#include <algorithm>
#include <chrono>

#include "lib/base/utf8.h"

namespace libra::test {

using namespace libra::model;
using service::EventRow;

namespace {

// What a database answers with an error that no caller can act on (a duplicate
// name, a row still referred to); leaves the body and rolls back.
struct Broken {
  std::string what;
};

// Rows keep microseconds.
Time rounded(Time t) { return std::chrono::floor<std::chrono::microseconds>(t); }

// All tables in one: they share the rows and the names do not clash.
class MemoryTables {
 public:
  explicit MemoryTables(MemoryRows& r) : rows(r) {}
  MemoryRows& rows;
  std::int64_t newId() { return ++rows.last_id; }

  LoadBalancer* lb(std::int64_t id) {
    auto it = rows.load_balancers.find(id);
    return it == rows.load_balancers.end() ? nullptr : &it->second;
  }
  Device* device(std::int64_t id) {
    auto it = rows.devices.find(id);
    return it == rows.devices.end() ? nullptr : &it->second;
  }
  LoadBalancer whole(LoadBalancer lb) {
    lb.node_count = static_cast<int>(lb.nodes.size());
    for (const auto& [id, vip] : rows.vips)
      if (lb.device && vip.device == lb.device && !lb.virtual_ip) lb.virtual_ip = vip;
    return lb;
  }
};

class Tenants final : public service::TenantTable, MemoryTables {
 public:
  using MemoryTables::MemoryTables;
  bool reserveLoadBalancer(std::string_view tenant, int limit) override {
    int& count = rows.reserved[std::string(tenant)];
    if (count >= limit) return false;
    ++count;
    return true;
  }
  void releaseLoadBalancer(std::string_view tenant) override {
    auto it = rows.reserved.find(tenant);
    if (it != rows.reserved.end() && it->second > 0) --it->second;
  }
};

class LimitRows final : public service::LimitTable, MemoryTables {
 public:
  using MemoryTables::MemoryTables;
  Limits limits(std::string_view tenant) override {
    Limits limits{rows.limits.at("maxLoadBalancerNameLength"), rows.limits.at("maxVIPsPerLoadBalancer"),
                  rows.limits.at("maxNodesPerLoadBalancer"), rows.limits.at("maxLoadBalancers"), 0};
    auto it = rows.tenant_limit.find(tenant);
    if (it != rows.tenant_limit.end() && it->second > 0) limits.max_load_balancers = it->second;
    if (const auto taken = rows.reserved.find(tenant); taken != rows.reserved.end())
      limits.load_balancers = taken->second;
    return limits;
  }
  std::vector<PortRule> ports() override { return rows.ports; }
  std::map<std::string, int> global() override { return {rows.limits.begin(), rows.limits.end()}; }
  bool setGlobal(std::string_view name, int value) override {
    auto it = rows.limits.find(name);
    if (it == rows.limits.end()) return false;
    it->second = value;
    return true;
  }
  std::optional<int> maxLoadBalancers(std::string_view tenant) override {
    auto it = rows.tenant_limit.find(tenant);
    return it == rows.tenant_limit.end() ? std::nullopt : std::optional(it->second);
  }
  void setMaxLoadBalancers(std::string_view tenant, std::optional<int> value) override {
    rows.tenant_limit.erase(std::string(tenant));
    if (value) rows.tenant_limit.emplace(tenant, *value);
  }
};

// Without what a list does not show.
LoadBalancer brief(LoadBalancer lb) {
  lb.node_count = static_cast<int>(lb.nodes.size());
  lb.nodes.clear();
  lb.monitor.reset();
  return lb;
}

bool waits(LbStatus status) {
  return status == LbStatus::Build || status == LbStatus::PendingUpdate || status == LbStatus::PendingDelete ||
         status == LbStatus::Rebuilding;
}

class LoadBalancers final : public service::LoadBalancerTable, MemoryTables {
 public:
  using MemoryTables::MemoryTables;

  std::vector<LoadBalancer> list(std::string_view tenant, bool deleted) override {
    std::vector<LoadBalancer> found;
    for (const auto& [id, row] : rows.load_balancers) {
      if (row.tenant == tenant && (row.status == LbStatus::Deleted) == deleted) found.push_back(brief(row));
    }
    return found;
  }
  std::vector<LoadBalancer> listAll() override {
    std::vector<LoadBalancer> found;
    for (const auto& [id, row] : rows.load_balancers)
      if (row.status != LbStatus::Deleted) found.push_back(brief(row));
    return found;
  }
  std::optional<LoadBalancer> findAny(std::int64_t id) override {
    const auto* row = lb(id);
    return row ? find(row->tenant, id) : std::nullopt;
  }
  std::optional<LoadBalancer> find(std::string_view tenant, std::int64_t id) override {
    const auto* row = lb(id);
    if (!row || row->tenant != tenant || row->status == LbStatus::Deleted) return std::nullopt;
    return whole(*row);
  }
  std::vector<LoadBalancer> onDevice(std::int64_t device) override {
    std::vector<LoadBalancer> found;
    for (const auto& [id, row] : rows.load_balancers)
      if (row.device == device && row.status != LbStatus::Deleted)
        found.push_back(whole(row)), found.back().virtual_ip.reset();
    return found;
  }

  LoadBalancer insert(const NewLoadBalancer& wanted, std::int64_t device, std::uint64_t generation, Time now,
                      Time deadline) override {
    if (!MemoryTables::device(device)) throw Broken{"no such device"};
    LoadBalancer row;
    row.id = newId();
    row.tenant = wanted.tenant;
    row.name = wanted.name;
    row.protocol = wanted.protocol;
    row.port = wanted.port;
    row.algorithm = wanted.algorithm;
    row.options = wanted.options;
    row.device = device;
    row.generation = generation;
    row.created = row.updated = rounded(now);
    row.deadline = rounded(deadline);
    const auto id = row.id;
    rows.load_balancers.emplace(id, std::move(row));
    addNodes(id, wanted.nodes);
    auto inserted = whole(*lb(id));
    inserted.virtual_ip.reset();
    return inserted;
  }
  void change(std::int64_t id, const std::optional<std::string>& name, const std::optional<Algorithm>& algorithm,
              const Options& given) override {
    auto* row = lb(id);
    if (!row) return;
    if (name) row->name = *name;
    if (algorithm) row->algorithm = *algorithm;
    if (given.timeout) row->options.timeout = given.timeout;
    if (given.retries) row->options.retries = given.retries;
  }
  bool setStatus(std::int64_t id, LbStatus from, LbStatus to, std::string_view description) override {
    auto* row = lb(id);
    if (!row || row->status != from) return false;
    row->status = to;
    row->status_description = utf8Prefix(description, 128);
    return true;
  }
  void setPending(std::int64_t id, std::uint64_t generation, Time now, Time deadline) override {
    auto* row = lb(id);
    if (!row) return;
    row->generation = generation;
    row->updated = rounded(now);
    row->deadline = rounded(deadline);
  }
  void moveTo(std::int64_t id, std::int64_t device) override {
    if (!MemoryTables::device(device)) throw Broken{"no such device"};
    if (auto* row = lb(id)) row->device = device;
  }
  int expunge(Time before, int most) override {
    return static_cast<int>(std::erase_if(rows.load_balancers, [&, left = most](const auto& row) mutable {
      return row.second.status == LbStatus::Deleted && row.second.updated < before && left-- > 0;
    }));
  }
  void markDeleted(std::int64_t id, Time now) override {
    auto* row = lb(id);
    if (!row) return;
    row->status = LbStatus::Deleted;
    row->status_description.clear();
    row->device = 0;
    row->updated = rounded(now);
    row->nodes.clear();
    row->monitor.reset();
  }

  std::vector<Node> addNodes(std::int64_t id, const std::vector<NewNode>& nodes) override {
    if (nodes.empty()) return {};
    auto* row = lb(id);
    if (!row) throw Broken{"no such load balancer"};
    std::vector<Node> added;
    for (const auto& wanted : nodes) {
      Node node{wanted, newId(), wanted.enabled ? NodeStatus::Online : NodeStatus::Offline};
      row->nodes.push_back(node);
      added.push_back(node);
    }
    return added;
  }
  bool changeNode(std::int64_t id, std::int64_t node, std::optional<bool> enabled, std::optional<int> weight) override {
    auto* row = lb(id);
    if (!row) return false;
    for (auto& n : row->nodes) {
      if (n.id != node) continue;
      if (enabled) {
        n.enabled = *enabled;
        n.status = *enabled ? NodeStatus::Online : NodeStatus::Offline;
      }
      if (weight) n.weight = *weight;
      return true;
    }
    return false;
  }
  bool removeNode(std::int64_t id, std::int64_t node) override {
    auto* row = lb(id);
    return row && std::erase_if(row->nodes, [&](const Node& n) { return n.id == node; }) == 1;
  }
  bool reportNode(std::int64_t node, bool up) override {
    const auto from = up ? NodeStatus::Error : NodeStatus::Online;
    for (auto& [id, row] : rows.load_balancers)
      for (auto& n : row.nodes)
        if (n.id == node && n.status == from) {
          n.status = up ? NodeStatus::Online : NodeStatus::Error;
          return true;
        }
    return false;
  }

  void putMonitor(std::int64_t id, const HealthMonitor& monitor) override {
    auto* row = lb(id);
    if (!row) throw Broken{"no such load balancer"};
    row->monitor = monitor;
  }
  void removeMonitor(std::int64_t id) override {
    if (auto* row = lb(id)) row->monitor.reset();
  }

  std::vector<std::pair<std::int64_t, std::int64_t>> overdue(Time now, int most) override {
    std::vector<std::tuple<Time, std::int64_t, std::int64_t>> late;
    for (const auto& [id, row] : rows.load_balancers) {
      if (waits(row.status) && row.deadline <= rounded(now)) late.emplace_back(row.deadline, id, row.device);
    }
    std::sort(late.begin(), late.end());
    std::vector<std::pair<std::int64_t, std::int64_t>> found;
    for (const auto& [deadline, id, device] : late)
      if (static_cast<int>(found.size()) < most) found.emplace_back(id, device);
    return found;
  }
  std::map<LbStatus, int> counts() override {
    std::map<LbStatus, int> counts;
    for (const auto& [id, row] : rows.load_balancers) ++counts[row.status];
    return counts;
  }
  std::optional<Time> oldestPending() override {
    std::optional<Time> oldest;
    for (const auto& [id, row] : rows.load_balancers)
      if (waits(row.status) && (!oldest || row.updated < *oldest)) oldest = row.updated;
    return oldest;
  }
};

bool isSpare(const Device& device) { return device.status == DeviceStatus::Offline && !device.maintenance; }

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

// The newest first, with ids below `before`.
template <typename Row, typename Wanted>
std::vector<Row> newest(const std::vector<Row>& rows, std::int64_t before, int most, Wanted wanted) {
  std::vector<Row> found;
  for (auto row = rows.rbegin(); row != rows.rend() && static_cast<int>(found.size()) < most; ++row)
    if (row->id < before && wanted(*row)) found.push_back(*row);
  return found;
}

class Journal final : public service::JournalTable, MemoryTables {
 public:
  using MemoryTables::MemoryTables;
  void append(const std::vector<EventRow>& added, Time now) override {
    for (const auto& row : added)
      rows.events.push_back({{row.kind, row.object, std::string(utf8Prefix(row.text, 1024))}, newId(), rounded(now)});
  }
  std::vector<Event> events(std::string_view object, std::int64_t before, int most) override {
    return newest(rows.events, before, most,
                  [&](const Event& event) { return object.empty() || event.object == object; });
  }
  std::vector<Event> eventsAfter(std::int64_t after, Time before, int most) override {
    std::vector<Event> found;
    for (const auto& event : rows.events)
      if (event.id > after && event.at < before && static_cast<int>(found.size()) < most) found.push_back(event);
    return found;
  }
  int forget(Time before, int most) override {
    const auto old = [&, left = most](const auto& row) mutable { return row.at < before && left-- > 0; };
    return static_cast<int>(std::erase_if(rows.events, old) + std::erase_if(rows.audits, old));
  }
  std::optional<std::int64_t> position(std::string_view reader) override {
    const auto found = rows.positions.find(reader);
    return found == rows.positions.end() ? std::nullopt : std::optional(found->second);
  }
  void setPosition(std::string_view reader, std::int64_t event, Time) override {
    rows.positions.insert_or_assign(std::string(reader), event);
  }
  std::int64_t beginAudit(const NewAudit& row, Time now) override {
    Audit audit{row, newId(), rounded(now)};
    audit.detail = utf8Prefix(row.detail, 1024);
    rows.audits.push_back(audit);
    return audit.id;
  }
  void endAudit(std::int64_t id, int status) override {
    for (auto& audit : rows.audits)
      if (audit.id == id) audit.status = status;
  }
  std::vector<Audit> audits(std::int64_t before, int most) override {
    return newest(rows.audits, before, most, [](const Audit&) { return true; });
  }
  void addCounters(const std::map<std::string, std::int64_t>& deltas) override {
    for (const auto& [name, delta] : deltas) rows.counters[name] += delta;
  }
  std::map<std::string, std::int64_t> counters() override { return rows.counters; }
};

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

class MemoryTxn final : public service::Txn {
 public:
  explicit MemoryTxn(MemoryRows& rows)
      : tenants_(rows),
        limits_(rows),
        load_balancers_(rows),
        devices_(rows),
        vips_(rows),
        journal_(rows),
        admin_users_(rows),
        leases_(rows),
        requests_(rows) {}
  service::TenantTable& tenants() override { return tenants_; }
  service::LimitTable& limits() override { return limits_; }
  service::LoadBalancerTable& loadBalancers() override { return load_balancers_; }
  service::DeviceTable& devices() override { return devices_; }
  service::VipTable& vips() override { return vips_; }
  service::JournalTable& journal() override { return journal_; }
  service::AdminUserTable& adminUsers() override { return admin_users_; }
  service::LeaseTable& leases() override { return leases_; }
  service::RequestTable& requests() override { return requests_; }

 private:
  Tenants tenants_;
  LimitRows limits_;
  LoadBalancers load_balancers_;
  Devices devices_;
  Vips vips_;
  Journal journal_;
  AdminUsers admin_users_;
  Leases leases_;
  Requests requests_;
};

}  // namespace

void MemoryStore::failNext(int n, Error error) {
  std::lock_guard lock(mutex_);
  failures_ = n;
  failure_ = std::move(error);
}

MemoryRows MemoryStore::rows() {
  std::lock_guard lock(mutex_);
  return rows_;
}

void MemoryStore::edit(const std::function<void(MemoryRows&)>& change) {
  std::lock_guard lock(mutex_);
  change(rows_);
}

Status MemoryStore::run(const std::function<Status(service::Txn&)>& body) {
  std::lock_guard lock(mutex_);
  MemoryRows before = rows_;
  Status done = ok();
  try {
    MemoryTxn txn(rows_);
    done = body(txn);
    if (done && run_twice_) {
      rows_ = before;
      done = body(txn);
    }
    if (done && failures_ > 0) {
      --failures_;
      done = failure_;
    }
  } catch (const Broken& e) {
    done = Error{ErrorCode::Internal, "Internal error", e.what};
  }
  if (!done) rows_ = std::move(before);
  return done;
}

}  // namespace libra::test
