#pragma once

#include "controller/service/store.h"
#include "controller/store/mysql/connection.h"

namespace libra::store::mysql {

class RequestTable final : public service::RequestTable {
 public:
  explicit RequestTable(Connection& db) : db_(db) {}

  std::optional<service::KnownRequest> claim(std::string_view tenant, std::string_view key,
                                             std::string_view fingerprint, Time now, Time forgotten) override;
  void answer(std::string_view tenant, std::string_view key, int status, std::string_view body) override;
  int forget(Time before, int most) override;

 private:
  Connection& db_;
};

}  // namespace libra::store::mysql
