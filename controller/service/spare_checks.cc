#include "controller/service/spare_checks.h"

#include <algorithm>
#include <set>

namespace libra::service {

using namespace libra::model;

void SpareChecks::tick(const std::vector<Device>& spares) {
  std::vector<Device> due;
  {
    auto books = books_.lock();
    std::set<std::int64_t> there;
    for (const auto& spare : spares) {
      there.insert(spare.id);
      if (begin(*books, spare)) due.push_back(spare);
    }
    std::erase_if(books->checks,
                  [&](const auto& each) { return !there.contains(each.first) && !each.second.under_way; });
  }
  for (const auto& spare : due) ask(spare);
}

// A new one was checked when it arrived.
bool SpareChecks::begin(Books& books, const Device& spare) {
  const auto& able = spare.capabilities;
  if (std::find(able.begin(), able.end(), kSelfCheck) == able.end()) return false;
  const auto now = clock_.monotonic();
  auto& check = books.checks.try_emplace(spare.id, Check{now + options_.every}).first->second;
  if (check.under_way || now < check.next || books.under_way >= options_.at_once) return false;
  check.under_way = true;
  check.asked = now;
  ++books.under_way;
  return true;
}

void SpareChecks::ask(const Device& spare) {
  gateway_.check(spare.name, [weak = weak_from_this(), spare](Result<protocol::Answer> answer) {
    const auto self = weak.lock();
    if (self) self->run_([self, spare, answer = std::move(answer)] { self->answered(spare, answer); });
  });
}

void SpareChecks::answered(const Device& spare, const Result<protocol::Answer>& answer) {
  bool bad = false;
  {
    auto books = books_.lock();
    auto& check = books->checks[spare.id];
    --books->under_way;
    bad = failed(*books, check, answer);
    check.under_way = false;
    check.next = clock_.monotonic() + (answer && check.failures == 0 ? options_.every : options_.again);
  }
  if (bad) bad_(spare, answer ? answer->error : "it does not answer");
}

bool SpareChecks::failed(Books& books, Check& check, const Result<protocol::Answer>& answer) const {
  if (!answer) {
    if (check.silent != Instant{} && books.heard >= check.silent) ++check.silences;
    check.silent = check.asked;
    return check.silences >= options_.silences;
  }
  books.heard = clock_.monotonic();
  check.silences = 0;
  check.silent = {};
  check.failures = answer->pass ? 0 : check.failures + 1;
  return check.failures >= options_.failures;
}

}  // namespace libra::service
