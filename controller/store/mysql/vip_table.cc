#include "controller/store/mysql/vip_table.h"

namespace libra::store::mysql {

using model::VirtualIp;

namespace {

const std::string kSelect = "SELECT id, address, prefix, COALESCE(device, 0), epoch FROM vips ";
const std::string kFree = kSelect + "WHERE device IS NULL AND free_from <= ? ORDER BY free_from, id LIMIT ?";

VirtualIp fromRow(Row& row) {
  VirtualIp vip;
  row.read(vip.id, vip.address, vip.prefix, vip.device, vip.epoch);
  return vip;
}

}  // namespace

std::int64_t VipTable::insert(const NetAddress& address, int prefix) {
  return db_
      .change("INSERT INTO vips (address, prefix) VALUES (?, ?) ON DUPLICATE KEY UPDATE id = LAST_INSERT_ID(id)",
              address, prefix)
      .id;
}

std::optional<VirtualIp> VipTable::claimFree(std::int64_t device, Time now) {
  return free_.claim(
      {}, [&] { return db_.all(kFree, fromRow, now, free_.kMost); },
      [&](VirtualIp& vip) { return take(vip, device, now); });
}

bool VipTable::take(VirtualIp& vip, std::int64_t device, Time now) {
  const auto taken = db_.change(
      "UPDATE vips SET device = ?, epoch = epoch + 1 WHERE id = ? AND device IS NULL AND free_from <= ? AND epoch = ?",
      device, vip.id, now, vip.epoch);
  vip.device = device;
  ++vip.epoch;
  return taken.rows == 1;
}

std::optional<VirtualIp> VipTable::findFree(Time now) { return db_.one(kFree, fromRow, now, 1); }

std::optional<VirtualIp> VipTable::find(std::int64_t id) { return db_.one(kSelect + "WHERE id = ?", fromRow, id); }

std::vector<VirtualIp> VipTable::ofDevice(std::int64_t device) {
  return db_.all(kSelect + "WHERE device = ? ORDER BY id", fromRow, device);
}

std::optional<VirtualIp> VipTable::findByAddress(const NetAddress& address) {
  return db_.one(kSelect + "WHERE address = ?", fromRow, address);
}

std::vector<VirtualIp> VipTable::held() { return db_.all(kSelect + "WHERE device IS NOT NULL ORDER BY id", fromRow); }

void VipTable::moveTo(std::int64_t id, std::int64_t device) {
  db_.change("UPDATE vips SET device = ?, epoch = epoch + 1 WHERE id = ?", device, id);
}

void VipTable::release(std::int64_t id, Time free_from) {
  db_.change("UPDATE vips SET device = NULL, free_from = ? WHERE id = ?", free_from, id);
}

int VipTable::countFree(Time now) { return counts(now).free; }

VipTable::Counts VipTable::counts(Time now) {
  return *db_.one(
      "SELECT COUNT(device), COUNT(IF(device IS NULL AND free_from <= ?, 1, NULL)), "
      "COUNT(IF(device IS NULL AND free_from > ?, 1, NULL)) FROM vips",
      +[](Row& row) {
        Counts counts;
        row.read(counts.held, counts.free, counts.quarantined);
        return counts;
      },
      now, now);
}

}  // namespace libra::store::mysql
