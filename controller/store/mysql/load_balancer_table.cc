#include "controller/store/mysql/load_balancer_table.h"

#include <algorithm>
#include <map>

#include "lib/base/utf8.h"

namespace libra::store::mysql {

using model::LbStatus;
using model::LoadBalancer;
using model::Node;
using model::NodeStatus;

namespace {

constexpr std::size_t kDescriptionBytes = 128;

const std::string kWaiting = "('BUILD', 'PENDING_UPDATE', 'PENDING_DELETE', 'ERROR(REBUILDING)')";

// COALESCE keeps both queries alike: a DELETED one has no device.
const std::string kColumns =
    "l.id, l.tenant, l.name, l.protocol, l.port, l.algorithm, l.timeout, l.retries, l.status, l.status_description, "
    "COALESCE(l.device, 0), l.generation, l.created, l.updated, l.deadline ";

void readColumns(Row& row, LoadBalancer& lb) {
  row.read(lb.id, lb.tenant, lb.name, lb.protocol, lb.port, lb.algorithm, lb.options.timeout, lb.options.retries,
           lb.status, lb.status_description, lb.device, lb.generation, lb.created, lb.updated, lb.deadline);
}

LoadBalancer fromListRow(Row& row) {
  LoadBalancer lb;
  readColumns(row, lb);
  row.read(lb.node_count);
  return lb;
}

const std::string kList =
    "SELECT " + kColumns + ", (SELECT COUNT(*) FROM nodes n WHERE n.load_balancer = l.id) FROM load_balancers l ";

// One row per node: a single query sees load balancer, nodes, monitor and VIP at the same moment.
// Not sorted, which would cost the server a temporary table: whole() sorts.
const std::string kParts =
    ", m.type, m.delay, m.timeout, m.attempts, m.path, n.id, n.address, n.port, n.weight, n.enabled, n.backup, "
    "n.status ";
const std::string kJoined =
    "LEFT JOIN monitors m ON m.load_balancer = l.id LEFT JOIN nodes n ON n.load_balancer = l.id ";
const std::string kOnDevice = "SELECT " + kColumns + kParts + "FROM load_balancers l " + kJoined;
const std::string kWithVip = "SELECT " + kColumns + kParts +
                             ", v.id, v.address, v.prefix, v.device, v.epoch FROM load_balancers l "
                             "LEFT JOIN vips v ON v.id = (SELECT MIN(id) FROM vips WHERE device = l.device) " +
                             kJoined;

void readVip(Row& row, LoadBalancer& lb) {
  if (row.nextIsNull()) return row.skip(5);
  auto& vip = lb.virtual_ip.emplace();
  row.read(vip.id, vip.address, vip.prefix, vip.device, vip.epoch);
}

void readMonitor(Row& row, LoadBalancer& lb) {
  if (row.nextIsNull()) return row.skip(5);
  auto& monitor = lb.monitor.emplace();
  row.read(monitor.type, monitor.delay, monitor.timeout, monitor.attempts, monitor.path);
}

void readNode(Row& row, LoadBalancer& lb) {
  if (row.nextIsNull()) return row.skip(7);
  auto& node = lb.nodes.emplace_back();
  row.read(node.id, node.address, node.port, node.weight, node.enabled, node.backup, node.status);
  ++lb.node_count;
}

// What kOnDevice or kWithVip finds with a condition, all in id order.
template <typename... Args>
std::vector<LoadBalancer> whole(Connection& db, const std::string& query, const Args&... args) {
  std::map<std::int64_t, LoadBalancer> found;
  db.each(
      query,
      [&](Row& row) {
        LoadBalancer columns;
        readColumns(row, columns);
        auto& lb = found.try_emplace(columns.id, columns).first->second;
        readMonitor(row, lb);
        readNode(row, lb);
        if (!row.isDone()) readVip(row, lb);
      },
      args...);
  std::vector<LoadBalancer> sorted;
  for (auto& [id, lb] : found) {
    std::sort(lb.nodes.begin(), lb.nodes.end(), [](const Node& a, const Node& b) { return a.id < b.id; });
    sorted.push_back(std::move(lb));
  }
  return sorted;
}

std::optional<LoadBalancer> first(std::vector<LoadBalancer> found) {
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

NodeStatus statusOf(bool enabled) { return enabled ? NodeStatus::Online : NodeStatus::Offline; }

std::optional<Time> timeFromRow(Row& row) {
  std::optional<Time> time;
  row.read(time);
  return time;
}

}  // namespace

std::vector<LoadBalancer> LoadBalancerTable::list(std::string_view tenant, bool deleted) {
  return db_.all(kList + "WHERE l.tenant = ? AND (l.status = 'DELETED') = ? ORDER BY l.id", fromListRow, tenant,
                 deleted);
}

std::vector<LoadBalancer> LoadBalancerTable::listAll() {
  return db_.all(kList + "WHERE l.status <> 'DELETED' ORDER BY l.id", fromListRow);
}

std::optional<LoadBalancer> LoadBalancerTable::findAny(std::int64_t id) {
  return first(whole(db_, kWithVip + "WHERE l.id = ? AND l.status <> 'DELETED'", id));
}

std::optional<LoadBalancer> LoadBalancerTable::find(std::string_view tenant, std::int64_t id) {
  return first(whole(db_, kWithVip + "WHERE l.id = ? AND l.tenant = ? AND l.status <> 'DELETED'", id, tenant));
}

std::vector<LoadBalancer> LoadBalancerTable::onDevice(std::int64_t device) {
  return whole(db_, kOnDevice + "WHERE l.device = ? AND l.status <> 'DELETED'", device);
}

LoadBalancer LoadBalancerTable::insert(const model::NewLoadBalancer& wanted, std::int64_t device,
                                       std::uint64_t generation, Time now, Time deadline) {
  const auto id =
      db_.change(
             "INSERT INTO load_balancers (tenant, name, protocol, port, algorithm, timeout, retries, status, device, "
             "generation, created, updated, deadline) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
             wanted.tenant, wanted.name, wanted.protocol, wanted.port, wanted.algorithm, wanted.options.timeout,
             wanted.options.retries, LbStatus::Build, device, generation, now, now, deadline)
          .id;
  const auto begun = fromSql(toSql(now));
  return LoadBalancer{.id = id,
                      .tenant = wanted.tenant,
                      .name = wanted.name,
                      .protocol = wanted.protocol,
                      .port = wanted.port,
                      .algorithm = wanted.algorithm,
                      .options = wanted.options,
                      .status = LbStatus::Build,
                      .status_description = {},
                      .device = device,
                      .generation = generation,
                      .created = begun,
                      .updated = begun,
                      .deadline = fromSql(toSql(deadline)),
                      .node_count = static_cast<int>(wanted.nodes.size()),
                      .nodes = addNodes(id, wanted.nodes),
                      .monitor = {},
                      .virtual_ip = {}};
}

void LoadBalancerTable::change(std::int64_t id, const std::optional<std::string>& name,
                               const std::optional<Algorithm>& algorithm, const model::Options& given) {
  db_.change(
      "UPDATE load_balancers SET name = COALESCE(?, name), algorithm = COALESCE(?, algorithm), "
      "timeout = COALESCE(?, timeout), retries = COALESCE(?, retries) WHERE id = ?",
      name, algorithm, given.timeout, given.retries, id);
}

bool LoadBalancerTable::setStatus(std::int64_t id, LbStatus from, LbStatus to, std::string_view description) {
  return db_.change("UPDATE load_balancers SET status = ?, status_description = ? WHERE id = ? AND status = ?", to,
                    utf8Prefix(description, kDescriptionBytes), id, from)
             .rows == 1;
}

void LoadBalancerTable::setPending(std::int64_t id, std::uint64_t generation, Time now, Time deadline) {
  db_.change("UPDATE load_balancers SET generation = ?, updated = ?, deadline = ? WHERE id = ?", generation, now,
             deadline, id);
}

void LoadBalancerTable::moveTo(std::int64_t id, std::int64_t device) {
  db_.change("UPDATE load_balancers SET device = ? WHERE id = ?", device, id);
}

void LoadBalancerTable::markDeleted(std::int64_t id, Time now) {
  db_.change(
      "UPDATE load_balancers SET status = 'DELETED', status_description = '', device = NULL, updated = ? WHERE id = ?",
      now, id);
  db_.change("DELETE FROM nodes WHERE load_balancer = ?", id);
  removeMonitor(id);
}

int LoadBalancerTable::expunge(Time before, int most) {
  return static_cast<int>(
      db_.change("DELETE FROM load_balancers WHERE status = 'DELETED' AND updated < ? LIMIT ?", before, most).rows);
}

std::vector<Node> LoadBalancerTable::addNodes(std::int64_t id, const std::vector<model::NewNode>& nodes) {
  if (nodes.empty()) return {};
  std::vector<Parameter> values;
  for (const auto& node : nodes)
    values.insert(values.end(),
                  {id, node.address, node.port, node.weight, node.enabled, node.backup, statusOf(node.enabled)});
  std::vector<Node> added;  // the rows come back in the order they are given
  db_.insert("INSERT INTO nodes (load_balancer, address, port, weight, enabled, backup, status) VALUES " +
                 placeholders(nodes.size(), 7) + " RETURNING id",
             values, [&](Row& row) {
               auto& node = added.emplace_back(Node{nodes[added.size()]});
               row.read(node.id);
               node.status = statusOf(node.enabled);
             });
  return added;
}

bool LoadBalancerTable::changeNode(std::int64_t id, std::int64_t node, std::optional<bool> enabled,
                                   std::optional<int> weight) {
  const auto status = enabled ? std::optional(statusOf(*enabled)) : std::nullopt;
  return db_.change(
                "UPDATE nodes SET enabled = COALESCE(?, enabled), status = COALESCE(?, status), "
                "weight = COALESCE(?, weight) WHERE id = ? AND load_balancer = ?",
                enabled, status, weight, node, id)
             .rows == 1;
}

bool LoadBalancerTable::removeNode(std::int64_t id, std::int64_t node) {
  return db_.change("DELETE FROM nodes WHERE id = ? AND load_balancer = ?", node, id).rows == 1;
}

bool LoadBalancerTable::reportNode(std::int64_t node, bool up) {
  const auto from = up ? NodeStatus::Error : NodeStatus::Online;
  const auto to = up ? NodeStatus::Online : NodeStatus::Error;
  return db_.change("UPDATE nodes SET status = ? WHERE id = ? AND status = ?", to, node, from).rows == 1;
}

void LoadBalancerTable::putMonitor(std::int64_t id, const model::HealthMonitor& monitor) {
  db_.change("REPLACE INTO monitors (load_balancer, type, delay, timeout, attempts, path) VALUES (?, ?, ?, ?, ?, ?)",
             id, monitor.type, monitor.delay, monitor.timeout, monitor.attempts, monitor.path);
}

void LoadBalancerTable::removeMonitor(std::int64_t id) {
  db_.change("DELETE FROM monitors WHERE load_balancer = ?", id);
}

std::vector<std::pair<std::int64_t, std::int64_t>> LoadBalancerTable::overdue(Time now, int most) {
  std::vector<std::pair<std::int64_t, std::int64_t>> late;
  db_.each(
      "SELECT id, COALESCE(device, 0) FROM load_balancers WHERE deadline <= ? AND "
      "status IN " +
          kWaiting + " ORDER BY deadline, id LIMIT ?",
      [&](Row& row) {
        auto& [id, device] = late.emplace_back();
        row.read(id, device);
      },
      now, most);
  return late;
}

std::map<LbStatus, int> LoadBalancerTable::counts() {
  std::map<LbStatus, int> counts;
  db_.each("SELECT status, COUNT(*) FROM load_balancers GROUP BY status", [&](Row& row) {
    LbStatus status;
    int count;
    row.read(status, count);
    counts[status] = count;
  });
  return counts;
}

std::optional<Time> LoadBalancerTable::oldestPending() {
  return *db_.one("SELECT MIN(updated) FROM load_balancers WHERE status IN " + kWaiting, timeFromRow);
}

}  // namespace libra::store::mysql
