#include "controller/store/mysql/lease_table.h"

namespace libra::store::mysql {

using model::Lease;

namespace {

Lease fromRow(Row& row) {
  Lease lease;
  row.read(lease.name, lease.holder, lease.epoch, lease.beat);
  return lease;
}

}  // namespace

std::vector<Lease> LeaseTable::list() {
  return db_.all("SELECT name, holder, epoch, beat FROM leases ORDER BY name", fromRow);
}

// Writes the row in any case it counts: Galera then lets only one of two win.
bool LeaseTable::take(const Lease& seen, std::string_view holder) {
  if (seen.epoch == 0)
    return db_.change("INSERT IGNORE INTO leases (name, holder, epoch, beat) VALUES (?, ?, 1, 0)", seen.name, holder)
               .rows == 1;
  return db_.change(
                "UPDATE leases SET holder = ?, epoch = epoch + 1, beat = beat + 1 "
                "WHERE name = ? AND epoch = ? AND beat = ?",
                holder, seen.name, seen.epoch, seen.beat)
             .rows == 1;
}

void LeaseTable::renew(std::string_view holder) {
  db_.change("UPDATE leases SET beat = beat + 1 WHERE holder = ?", holder);
}

bool LeaseTable::write(std::string_view name, std::uint64_t epoch) {
  return db_.change("UPDATE leases SET writes = writes + 1 WHERE name = ? AND epoch = ?", name, epoch).rows == 1;
}

void LeaseTable::release(std::string_view name, std::uint64_t epoch) {
  db_.change("UPDATE leases SET holder = '', beat = beat + 1 WHERE name = ? AND epoch = ?", name, epoch);
}

void LeaseTable::remove(const Lease& seen) {
  db_.change("DELETE FROM leases WHERE name = ? AND epoch = ? AND beat = ?", seen.name, seen.epoch, seen.beat);
}

}  // namespace libra::store::mysql
