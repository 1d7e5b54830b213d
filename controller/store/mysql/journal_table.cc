#include "controller/store/mysql/journal_table.h"

#include "lib/base/utf8.h"

namespace libra::store::mysql {

namespace {

constexpr std::size_t kTextBytes = 1024;
constexpr std::size_t kPathBytes = 255;
constexpr std::size_t kWordBytes = 16;
constexpr std::size_t kRequestBytes = 64;

model::Event eventFromRow(Row& row) {
  model::Event event;
  row.read(event.id, event.at, event.kind, event.object, event.text);
  return event;
}

model::Audit auditFromRow(Row& row) {
  model::Audit audit;
  row.read(audit.id, audit.at, audit.tenant, audit.role, audit.request, audit.method, audit.path, audit.status,
           audit.detail);
  return audit;
}

}  // namespace

void JournalTable::append(const std::vector<service::EventRow>& rows, Time now) {
  if (rows.empty()) return;
  std::vector<Parameter> values;
  for (const auto& row : rows)
    values.insert(values.end(), {now, row.kind, row.object, utf8Prefix(row.text, kTextBytes)});
  db_.write("INSERT INTO events (at, kind, object, text) VALUES " + placeholders(rows.size(), 4), values);
}

std::vector<model::Event> JournalTable::events(std::string_view object, std::int64_t before, int most) {
  return db_.all(
      "SELECT id, at, kind, object, text FROM events WHERE (? = '' OR object = ?) AND id < ? ORDER BY id DESC LIMIT ?",
      eventFromRow, object, object, before, most);
}

std::vector<model::Event> JournalTable::eventsAfter(std::int64_t after, Time before, int most) {
  return db_.all("SELECT id, at, kind, object, text FROM events WHERE id > ? AND at < ? ORDER BY id LIMIT ?",
                 eventFromRow, after, before, most);
}

int JournalTable::forget(Time before, int most) {
  const auto events = db_.change("DELETE FROM events WHERE at < ? LIMIT ?", before, most).rows;
  return static_cast<int>(events + db_.change("DELETE FROM audit WHERE at < ? LIMIT ?", before, most).rows);
}

std::optional<std::int64_t> JournalTable::position(std::string_view reader) {
  return db_.one(
      "SELECT position FROM marks WHERE name = ?",
      +[](Row& row) {
        std::int64_t position;
        row.read(position);
        return position;
      },
      reader);
}

void JournalTable::setPosition(std::string_view reader, std::int64_t event, Time now) {
  db_.change(
      "INSERT INTO marks (name, at, position) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE at = VALUES(at), "
      "position = VALUES(position)",
      reader, now, event);
}

std::int64_t JournalTable::beginAudit(const model::NewAudit& row, Time now) {
  return db_
      .change(
          "INSERT INTO audit (at, tenant, role, request, method, path, status, detail) VALUES (?, ?, ?, ?, ?, ?, 0, ?)",
          now, row.tenant, row.role, utf8Prefix(row.request, kRequestBytes), utf8Prefix(row.method, kWordBytes),
          utf8Prefix(row.path, kPathBytes), utf8Prefix(row.detail, kTextBytes))
      .id;
}

void JournalTable::endAudit(std::int64_t id, int status) {
  db_.change("UPDATE audit SET status = ? WHERE id = ?", status, id);
}

std::vector<model::Audit> JournalTable::audits(std::int64_t before, int most) {
  return db_.all(
      "SELECT id, at, tenant, role, request, method, path, status, detail FROM audit WHERE id < ? "
      "ORDER BY id DESC LIMIT ?",
      auditFromRow, before, most);
}

// In the order of their names, so that two controllers never wait for each other.
void JournalTable::addCounters(const std::map<std::string, std::int64_t>& deltas) {
  for (const auto& [name, delta] : deltas)
    db_.change("INSERT INTO counters (name, value) VALUES (?, ?) ON DUPLICATE KEY UPDATE value = value + VALUES(value)",
               name, delta);
}

std::map<std::string, std::int64_t> JournalTable::counters() {
  std::map<std::string, std::int64_t> counters;
  db_.each("SELECT name, value FROM counters", [&](Row& row) {
    std::string name;
    std::int64_t value;
    row.read(name, value);
    counters.emplace(std::move(name), value);
  });
  return counters;
}

}  // namespace libra::store::mysql
