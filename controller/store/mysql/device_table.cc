#include "controller/store/mysql/device_table.h"

#include "lib/base/utf8.h"

namespace libra::store::mysql {

using model::Device;
using model::DeviceStatus;

namespace {

constexpr std::size_t kErrorBytes = 1024;

const std::string kSelect =
    "SELECT id, name, address, zone, host_group, driver, capabilities, provider_id, status, maintenance, "
    "generation, applied_generation, attempts, next_due, last_error, COALESCE(waits_for, 0), created, updated "
    "FROM devices ";

const std::string kSpare =
    kSelect +
    "WHERE status = 'OFFLINE' AND NOT maintenance AND (capabilities = '' OR capabilities REGEXP ?) "
    "AND (? = 0 OR id = ?) AND (? = '' OR zone = ?) AND (? = '' OR host_group <> ?) ORDER BY id LIMIT ?";

// Capabilities are single words; the column holds them apart by spaces.
std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const auto space = std::min(text.find(' '), text.size());
    words.emplace_back(text.substr(0, space));
    text.remove_prefix(std::min(space + 1, text.size()));
  }
  return words;
}

Device fromRow(Row& row) {
  Device device;
  std::string capabilities;
  row.read(device.id, device.name, device.address, device.zone, device.host_group, device.driver, capabilities,
           device.provider_id, device.status, device.maintenance, device.generation, device.applied_generation,
           device.attempts, device.next_due, device.last_error, device.waits_for, device.created, device.updated);
  device.capabilities = split(capabilities);
  return device;
}

// Matches a column that holds all the words.
std::string patternOf(const std::vector<std::string>& words) {
  std::string pattern = "^";
  for (const auto& word : words) pattern += "(?=(.* )?\\Q" + word + "\\E( |$))";
  return pattern;
}

std::int64_t idFromRow(Row& row) {
  std::int64_t id;
  row.read(id);
  return id;
}

}  // namespace

std::int64_t DeviceTable::insert(const model::NewDevice& device, Time now) {
  return db_
      .change(
          "INSERT INTO devices (name, address, zone, host_group, driver, capabilities, provider_id, status, created, "
          "updated) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
          device.name, device.address, device.zone, device.host_group, device.driver, joined(device.capabilities),
          device.provider_id, DeviceStatus::Offline, now, now)
      .id;
}

std::optional<Device> DeviceTable::find(std::int64_t id) { return db_.one(kSelect + "WHERE id = ?", fromRow, id); }

std::optional<Device> DeviceTable::lock(std::int64_t id) {
  return db_.lockOne(kSelect + "WHERE id = ? FOR UPDATE", fromRow, id);
}

std::optional<Device> DeviceTable::findByName(std::string_view name) {
  return db_.one(kSelect + "WHERE name = ?", fromRow, name);
}

std::vector<Device> DeviceTable::list() { return db_.all(kSelect + "ORDER BY id", fromRow); }

std::vector<Device> DeviceTable::withStatus(DeviceStatus status, int most) {
  return db_.all(kSelect + "WHERE status = ? ORDER BY id LIMIT ?", fromRow, status, most);
}

std::map<DeviceStatus, int> DeviceTable::counts() {
  std::map<DeviceStatus, int> counts;
  db_.each("SELECT status, COUNT(*) FROM devices GROUP BY status", [&](Row& row) {
    DeviceStatus status;
    int count;
    row.read(status, count);
    counts[status] = count;
  });
  return counts;
}

DeviceTable::ZoneCounts DeviceTable::countsByZone() {
  ZoneCounts counts;
  db_.each("SELECT status, zone, COUNT(*) FROM devices GROUP BY status, zone", [&](Row& row) {
    std::pair<DeviceStatus, std::string> key;
    int count;
    row.read(key.first, key.second, count);
    counts.emplace(std::move(key), count);
  });
  return counts;
}

int DeviceTable::countSpares() {
  return *db_.one(
      "SELECT COUNT(*) FROM devices WHERE status = 'OFFLINE' AND NOT maintenance", +[](Row& row) {
        int count;
        row.read(count);
        return count;
      });
}

service::Backlog DeviceTable::backlog() {
  return *db_.one(
      "SELECT COUNT(DISTINCT d.id), MIN(l.updated) FROM devices d LEFT JOIN load_balancers l "
      "ON l.device = d.id AND l.generation > d.applied_generation WHERE d.behind = 1",
      +[](Row& row) {
        service::Backlog backlog;
        row.read(backlog.devices, backlog.oldest);
        return backlog;
      });
}

std::optional<Device> DeviceTable::claimSpare(const service::SpareWish& wish) {
  const auto needs = patternOf(wish.needs);
  const auto places = wish.places.empty() ? std::vector<service::SparePlace>(1) : wish.places;
  for (const auto& place : places)
    if (auto spare = claim(needs, wish, place)) return spare;
  return std::nullopt;
}

std::optional<Device> DeviceTable::claim(const std::string& needs, const service::SpareWish& wish,
                                         const service::SparePlace& place) {
  const auto id = wish.id;
  const auto allowed = [&](const Device& spare) { return !wish.not_these.contains(spare.id); };
  const auto search = [&] {
    auto found = db_.all(kSpare, fromRow, needs, id, id, place.zone, place.zone, place.not_group, place.not_group,
                         spares_.kMost);
    std::erase_if(found, std::not_fn(allowed));
    return found;
  };
  const auto kind = std::to_string(id) + '\n' + place.zone + '\n' + place.not_group + '\n' + needs;
  return spares_.claim(kind, search, [&](Device& spare) { return allowed(spare) && take(spare); });
}

bool DeviceTable::take(Device& spare) {
  const auto taken = db_.change(
      "UPDATE devices SET status = 'BUILD', generation = generation + 1, attempts = 0, next_due = ? "
      "WHERE id = ? AND status = 'OFFLINE' AND NOT maintenance AND generation = ? AND updated = ?",
      Time{}, spare.id, spare.generation, spare.updated);
  spare.status = DeviceStatus::Build;
  ++spare.generation;
  spare.attempts = 0;
  spare.next_due = Time{};
  return taken.rows == 1;
}

bool DeviceTable::setStatus(std::int64_t id, DeviceStatus from, DeviceStatus to) {
  return db_.change("UPDATE devices SET status = ? WHERE id = ? AND status = ?", to, id, from).rows == 1;
}

void DeviceTable::setMaintenance(std::int64_t id, bool on) {
  db_.change("UPDATE devices SET maintenance = ? WHERE id = ?", on, id);
}

std::uint64_t DeviceTable::raiseGeneration(std::int64_t id, std::uint64_t above) {
  const auto done = db_.change(
      "UPDATE devices SET generation = LAST_INSERT_ID(GREATEST(generation, ?) + 1), attempts = 0, next_due = ? "
      "WHERE id = ?",
      above, Time{}, id);
  if (done.rows != 1) throw DbError{DbError::Kind::Fatal, 0, "no such device", "raise generation"};
  return static_cast<std::uint64_t>(done.id);
}

void DeviceTable::postpone(std::int64_t id, std::int64_t target, Time until) {
  db_.change("UPDATE devices SET waits_for = ?, next_due = ? WHERE id = ?", target, until, id);
}

std::vector<std::int64_t> DeviceTable::endPostponed(std::int64_t target) {
  auto waiting = db_.all("SELECT id FROM devices WHERE waits_for = ? ORDER BY id", idFromRow, target);
  if (!waiting.empty())
    db_.change("UPDATE devices SET waits_for = NULL, next_due = ? WHERE waits_for = ?", Time{}, target);
  return waiting;
}

bool DeviceTable::markApplied(std::int64_t id, std::uint64_t generation, DeviceStatus status) {
  // Assignments take effect from left to right, but none reads what an earlier one wrote.
  return db_.change(
                "UPDATE devices SET applied_generation = ?, status = ?, attempts = IF(generation <= ?, 0, attempts), "
                "last_error = IF(generation <= ?, '', last_error) WHERE id = ? AND applied_generation < ?",
                generation, status, generation, generation, id, generation)
             .rows == 1;
}

void DeviceTable::recordFailure(std::int64_t id, std::uint64_t generation, std::string_view error, Time next_due) {
  db_.change("UPDATE devices SET attempts = attempts + 1, last_error = ?, next_due = ? WHERE id = ? AND generation = ?",
             utf8Prefix(error, kErrorBytes), next_due, id, generation);
}

std::vector<std::int64_t> DeviceTable::due(Time now, int most, model::Shards shards) {
  return db_.all(
      "SELECT id FROM devices WHERE behind = 1 AND next_due <= ? AND (? >> (id % ?)) & 1 "
      "ORDER BY next_due, id LIMIT ?",
      idFromRow, now, shards, model::kShardCount, most);
}

void DeviceTable::remove(std::int64_t id) { db_.change("DELETE FROM devices WHERE id = ?", id); }

}  // namespace libra::store::mysql
