#pragma once

#include <string>
#include <vector>

#include "controller/service/load_balancers.h"

namespace libra::service {

// What happened and who asked for it, for people: pages with the newest first. `before`
// is the last id of the page before. Thread-safe.
class Journal {
 public:
  explicit Journal(Context context) : context_(std::move(context)) {}

  Result<std::vector<model::Event>> events(const std::string& object, std::int64_t before, int most);
  Result<std::vector<model::Audit>> audits(std::int64_t before, int most);
  Result<std::map<std::string, std::int64_t>> counters();  // with what is not in the rows yet

  // Around everything an operator changes. Nothing may be done when begin() fails.
  Result<std::int64_t> begin(const model::NewAudit& request);
  void end(std::int64_t audit, int status);  // a failure is logged: the row tells of the request all the same

 private:
  Context context_;
};

}  // namespace libra::service
