#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "controller/service/store.h"
#include "lib/base/locked.h"

namespace libra::service {

// The counters of spec 5.4: added up in memory, written in batches, since a row that
// every request writes would be the hottest of the cluster. add() from any thread;
// what was not flushed when the process dies is lost, which these may be.
class Counters {
 public:
  explicit Counters(Store& store) : store_(store) {}

  void add(const std::string& name, std::int64_t by = 1);
  Status flush();  // one transaction; a failed one is tried again with the next flush

 private:
  Store& store_;
  Locked<std::map<std::string, std::int64_t>> pending_;
};

}  // namespace libra::service
