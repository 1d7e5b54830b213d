#pragma once

#include "controller/service/load_balancers.h"

namespace libra::service {

// Removes rows that nobody needs any more, some at a time, by whoever holds the pool's lease.
class Expunge {
 public:
  struct Options {  // days a row is kept; 0: for ever
    int deleted = 0;
    int journal = 0;  // events and audit rows
    int usage = 0;
  };

  Expunge(Context context, Options options) : context_(std::move(context)), options_(options) {}

  Status work();  // about once a minute

 private:
  Result<int> deleted(const model::Tenure& tenure);
  Status journal(const model::Tenure& tenure);
  Status usage(const model::Tenure& tenure);

  Context context_;
  const Options options_;
};

}  // namespace libra::service
