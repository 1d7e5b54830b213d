#include "controller/store/mysql/server_list.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace libra::store::mysql {

ServerList::ServerList(std::vector<Server> servers, std::chrono::seconds failback)
    : servers_(std::move(servers)), failback_(failback), avoid_until_(servers_.size()) {}

std::vector<std::size_t> ServerList::order(Instant now) const {
  std::vector<std::size_t> all(servers_.size());
  std::iota(all.begin(), all.end(), 0);
  std::lock_guard lock(mutex_);
  std::stable_partition(all.begin(), all.end(), [&](std::size_t i) { return avoid_until_[i] <= now; });
  return all;
}

std::vector<std::size_t> ServerList::better(std::size_t current, Instant now) {
  std::vector<std::size_t> found;
  std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < current; ++i) {
    if (avoid_until_[i] > now) continue;
    found.push_back(i);
    const bool unproven = avoid_until_[i] != Instant{};
    if (unproven) avoid_until_[i] = now + failback_;  // the others wait for what this caller finds
  }
  return found;
}

bool ServerList::failed(std::size_t index, Instant now) {
  std::lock_guard lock(mutex_);
  return std::exchange(avoid_until_[index], now + failback_) == Instant{};
}

void ServerList::worked(std::size_t index) {
  std::lock_guard lock(mutex_);
  avoid_until_[index] = Instant{};
}

}  // namespace libra::store::mysql
