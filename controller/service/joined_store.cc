#include "controller/service/joined_store.h"

#include <utility>

namespace libra::service {

thread_local JoinedStore::Joined* JoinedStore::t_joined_ = nullptr;

JoinedStore::Joined::Joined() { t_joined_ = this; }

JoinedStore::Joined::~Joined() { t_joined_ = nullptr; }

void JoinedStore::Joined::begin(Txn& t) {
  txn = &t;
  after.clear();
}

void JoinedStore::Joined::end(bool committed) {
  t_joined_ = nullptr;
  if (!committed) return;
  for (const auto& task : std::exchange(after, {})) task();
}

void JoinedStore::afterCommit(std::function<void()> task) {
  if (t_joined_ == nullptr) return task();
  t_joined_->after.push_back(std::move(task));
}

Status JoinedStore::run(const std::function<Status(Txn&)>& body) {
  if (t_joined_ != nullptr) return body(*t_joined_->txn);
  return store_.transact([&](Txn& txn) -> Status { return body(txn); });
}

}  // namespace libra::service
