#include "controller/store/mysql/journal_table.h"

#include "lib/base/utf8.h"

namespace libra::store::mysql {

namespace {

constexpr std::size_t kTextBytes = 1024;

}  // namespace

void JournalTable::event(const service::EventRow& row, Time now) {
  db_.change("INSERT INTO events (at, kind, object, text) VALUES (?, ?, ?, ?)", now, row.kind, row.object,
             utf8Prefix(row.text, kTextBytes));
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
