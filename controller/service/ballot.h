#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "controller/service/load_balancers.h"

namespace libra::service {

// What the controllers that live say of silent devices, told through the store. Who misses a
// device asks the others: it is lost when another misses it too and more miss than hear it. One
// that lives alone decides alone; so does one that nobody answers, for an answer may be missing
// because a controller is frozen, has only begun, or hears nothing at all. One thread at a time.
class Ballot {
 public:
  using Hears = std::function<bool(const std::string& device)>;  // whether this controller does

  static constexpr Millis kPatience{1000};  // so long nobody need answer

  Ballot(const Context& context, Hears hears) : context_(context), hears_(std::move(hears)) {}

  // Says what this controller misses, answers what others miss, reads what they say. Blocks.
  Status poll(const std::set<std::string>& missed);

  enum class Outcome { Lost, Heard, Open };
  Outcome on(const std::string& device) const;  // one of those missed at the last poll()

 private:
  using Votes = std::vector<model::Vote>;
  struct Count {
    int lost = 0, heard = 0;
  };
  void tell(Txn& txn, const std::set<std::string>& missed) const;
  void remember(const std::set<std::string>& missed);
  void count(const Votes& votes);
  Status answer(const Votes& votes, const std::set<std::string>& missed);

  const Context context_;
  const Hears hears_;
  bool current_ = true;  // the last poll() succeeded
  std::set<std::string> others_;
  std::map<std::string, Instant> waiting_since_;  // of what this controller said it misses: told, or last objected to
  std::map<std::string, Count> counts_;           // of the others that live
};

}  // namespace libra::service
