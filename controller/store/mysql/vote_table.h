#pragma once

#include "controller/service/store.h"
#include "controller/store/mysql/connection.h"

namespace libra::store::mysql {

class VoteTable final : public service::VoteTable {
 public:
  explicit VoteTable(Connection& db) : db_(db) {}

  std::vector<model::Vote> list() override;
  void cast(const model::Vote& vote) override;
  void withdraw(std::string_view device, std::string_view voter) override;
  void withdrawObjections(std::string_view device) override;
  void forget(std::string_view voter) override;

 private:
  Connection& db_;
};

}  // namespace libra::store::mysql
