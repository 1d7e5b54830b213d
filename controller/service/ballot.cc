#include "controller/service/ballot.h"

#include <utility>

namespace libra::service {

using model::Vote;

Status Ballot::poll(const std::set<std::string>& missed) {
  others_ = context_.leases.others();
  if (others_.empty() && waiting_since_.empty()) return ok();
  const auto asks = others_.empty() ? std::set<std::string>() : missed;
  const auto votes = context_.store.transact([&](Txn& txn) -> Result<Votes> {
    tell(txn, asks);
    return txn.votes().list();
  });
  current_ = static_cast<bool>(votes);
  if (!votes) return votes.error();
  remember(asks);
  count(*votes);
  return answer(*votes, asks);
}

// Who asks anew wants new answers: an old one may be of somebody who has died since.
void Ballot::tell(Txn& txn, const std::set<std::string>& missed) const {
  const auto& me = context_.leases.holder();
  for (const auto& device : missed) {
    if (waiting_since_.contains(device)) continue;
    txn.votes().withdrawObjections(device);
    txn.votes().cast({device, me, true});
  }
  for (const auto& [device, since] : waiting_since_)
    if (!missed.contains(device)) txn.votes().withdraw(device, me);
}

void Ballot::remember(const std::set<std::string>& missed) {
  std::erase_if(waiting_since_, [&](const auto& asked) { return !missed.contains(asked.first); });
  for (const auto& device : missed) waiting_since_.try_emplace(device, context_.clock.monotonic());
}

void Ballot::count(const Votes& votes) {
  counts_.clear();
  for (const auto& vote : votes)
    if (others_.contains(vote.voter)) ++(vote.lost ? counts_[vote.device].lost : counts_[vote.device].heard);
  for (auto& [device, waiting] : waiting_since_)
    if (counts_.contains(device) && counts_[device].heard > 0) waiting = context_.clock.monotonic();
}

// What this controller hears of what others miss; what nobody misses any more needs no answer.
Status Ballot::answer(const Votes& votes, const std::set<std::string>& missed) {
  const auto& me = context_.leases.holder();
  std::set<std::string> questions, answered, heard, withdrawn;
  for (const auto& vote : votes) {
    if (vote.voter == me && !vote.lost) answered.insert(vote.device);
    if (vote.voter != me && vote.lost && !missed.contains(vote.device)) questions.insert(vote.device);
  }
  for (const auto& device : questions)
    if (hears_(device)) heard.insert(device);
  for (const auto& device : answered)
    if (!heard.contains(device)) withdrawn.insert(device);
  std::erase_if(heard, [&](const auto& device) { return answered.contains(device); });
  if (heard.empty() && withdrawn.empty()) return ok();
  return context_.store.transact([&](Txn& txn) -> Status {
    for (const auto& device : heard) txn.votes().cast({device, me, false});
    for (const auto& device : withdrawn) txn.votes().withdraw(device, me);
    return ok();
  });
}

Ballot::Outcome Ballot::on(const std::string& device) const {
  if (others_.empty()) return Outcome::Lost;
  const auto asked = waiting_since_.find(device);
  if (asked == waiting_since_.end() || !current_) return Outcome::Open;
  const auto found = counts_.find(device);
  const Count count = found == counts_.end() ? Count{} : found->second;
  if (count.lost > 0 && count.lost + 1 > count.heard) return Outcome::Lost;
  if (count.heard > 0) return Outcome::Heard;
  return context_.clock.monotonic() - asked->second < kPatience ? Outcome::Open : Outcome::Lost;
}

}  // namespace libra::service
