#pragma once

#include "controller/api/call.h"
#include "controller/service/joined_store.h"
#include "lib/base/clock.h"

namespace libra::api {

// Writes that carry an `Idempotency-Key` may be sent again for 24 h: they take effect once
// and are answered as the first time. What was refused is not remembered, and runs anew.
class Repeatable {
 public:
  Repeatable(service::JoinedStore& store, const Clock& clock) : store_(store), clock_(clock) {}

  // The handler for requests with and without a key. Its work, which it does through the
  // store, and the memory of its answer are one transaction. Invalid for a key that is none,
  // Immutable for one that another request had.
  Handler over(Handler handler) const;

  Status forget() const;  // what is older; from time to time

 private:
  Answer answer(const Call& call, const Handler& handler) const;

  service::JoinedStore& store_;
  const Clock& clock_;
};

}  // namespace libra::api
