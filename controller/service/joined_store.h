#pragma once

#include <functional>
#include <vector>

#include "controller/service/store.h"

namespace libra::service {

// A store whose transactions a thread may join: all that is transacted inside join() is
// one transaction, and what should follow a commit follows that one. Thread-safe.
class JoinedStore final : public Store {
 public:
  explicit JoinedStore(Store& store) : store_(store) {}

  // `work` may run several times, as the body of a transaction does, and may itself call
  // transact() of this store; an Error it returns undoes all of it. Not to be nested.
  template <typename Work>
  auto join(Work&& work) -> std::invoke_result_t<Work, Txn&> {
    Joined joined;
    auto done = store_.transact([&](Txn& txn) {
      joined.begin(txn);
      return work(txn);
    });
    joined.end(bool(done));
    return done;
  }

  // Now, or once the transaction this thread has joined is committed; never if it is not.
  static void afterCommit(std::function<void()> task);

 protected:
  Status run(const std::function<Status(Txn&)>& body) override;

 private:
  class Joined {
   public:
    Joined();
    ~Joined();
    Joined(const Joined&) = delete;

    void begin(Txn& txn);  // again: what was to follow the attempt before is forgotten
    void end(bool committed);

    Txn* txn = nullptr;
    std::vector<std::function<void()>> after;
  };

  static thread_local Joined* t_joined_;
  Store& store_;
};

}  // namespace libra::service
