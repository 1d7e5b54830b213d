#include "controller/store/mysql/request_table.h"

namespace libra::store::mysql {

namespace {

service::KnownRequest requestFromRow(Row& row) {
  service::KnownRequest request;
  row.read(request.fingerprint, request.status, request.body);
  return request;
}

}  // namespace

// The insert waits for a transaction that holds the same key here; one on another Galera
// node is refused by the commit of either.
std::optional<service::KnownRequest> RequestTable::claim(std::string_view tenant, std::string_view key,
                                                         std::string_view fingerprint, Time now, Time forgotten) {
  db_.change("DELETE FROM request_keys WHERE tenant = ? AND request_key = ? AND created < ?", tenant, key, forgotten);
  const auto claimed =
      db_.change("INSERT IGNORE INTO request_keys (tenant, request_key, fingerprint, created) VALUES (?, ?, ?, ?)",
                 tenant, key, fingerprint, now);
  if (claimed.rows == 1) return std::nullopt;
  return db_.one("SELECT fingerprint, status, body FROM request_keys WHERE tenant = ? AND request_key = ?",
                 requestFromRow, tenant, key);
}

void RequestTable::answer(std::string_view tenant, std::string_view key, int status, std::string_view body) {
  db_.change("UPDATE request_keys SET status = ?, body = ? WHERE tenant = ? AND request_key = ?", status, body, tenant,
             key);
}

int RequestTable::forget(Time before, int most) {
  return static_cast<int>(db_.change("DELETE FROM request_keys WHERE created < ? LIMIT ?", before, most).rows);
}

}  // namespace libra::store::mysql
