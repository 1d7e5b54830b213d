#pragma once

#include "controller/service/store.h"
#include "controller/store/mysql/connection.h"

namespace libra::store::mysql {

class LeaseTable final : public service::LeaseTable {
 public:
  explicit LeaseTable(Connection& db) : db_(db) {}

  std::vector<model::Lease> list() override;
  bool take(const model::Lease& seen, std::string_view holder) override;
  void renew(std::string_view holder) override;
  bool write(std::string_view name, std::uint64_t epoch) override;
  void release(std::string_view name, std::uint64_t epoch) override;
  void remove(const model::Lease& seen) override;

 private:
  Connection& db_;
};

}  // namespace libra::store::mysql
