#pragma once

#include <chrono>
#include <mutex>
#include <vector>

#include "controller/store/mysql/server.h"
#include "lib/base/clock.h"

namespace libra::store::mysql {

// The servers in order of preference, and which of them to leave alone for now. Shared by
// all connections of a store, so that one of them pays for finding out. Thread-safe.
class ServerList {
 public:
  ServerList(std::vector<Server> servers, std::chrono::seconds failback);

  std::size_t size() const { return servers_.size(); }
  const Server& operator[](std::size_t index) const { return servers_[index]; }

  // All of them, those that failed lately last.
  std::vector<std::size_t> order(Instant now) const;
  // The servers before `current` worth a try. One that failed is offered again, to one
  // caller at a time, after the fail-back time.
  std::vector<std::size_t> better(std::size_t current, Instant now);

  bool failed(std::size_t index, Instant now);  // true: that is news
  void worked(std::size_t index);

 private:
  const std::vector<Server> servers_;
  const std::chrono::seconds failback_;
  mutable std::mutex mutex_;
  std::vector<Instant> avoid_until_;  // Instant{}: well
};

}  // namespace libra::store::mysql
