#pragma once

// Events, audit rows and counters in memory.

#include "tests/support/memory/tables.h"

namespace libra::test::memory {

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

}  // namespace libra::test::memory
