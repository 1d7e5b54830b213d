#pragma once

#include "controller/service/store.h"
#include "controller/store/mysql/connection.h"

namespace libra::store::mysql {

class JournalTable final : public service::JournalTable {
 public:
  explicit JournalTable(Connection& db) : db_(db) {}

  void append(const std::vector<service::EventRow>& rows, Time now) override;
  std::vector<model::Event> events(std::string_view object, std::int64_t before, int most) override;
  std::vector<model::Event> eventsAfter(std::int64_t after, Time before, int most) override;
  int forget(Time before, int most) override;
  std::optional<std::int64_t> position(std::string_view reader) override;
  void setPosition(std::string_view reader, std::int64_t event, Time now) override;
  std::int64_t beginAudit(const model::NewAudit& row, Time now) override;
  void endAudit(std::int64_t id, int status) override;
  std::vector<model::Audit> audits(std::int64_t before, int most) override;
  void addCounters(const std::map<std::string, std::int64_t>& deltas) override;
  std::map<std::string, std::int64_t> counters() override;

 private:
  Connection& db_;
};

}  // namespace libra::store::mysql
