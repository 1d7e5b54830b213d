#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "controller/model/lease.h"
#include "controller/service/store.h"
#include "lib/base/clock.h"
#include "lib/base/locked.h"

namespace libra::service {

// In every transaction that writes on the strength of a lease. Conflict when the
// lease is another controller's by now: the transaction must end with that Error.
Status fence(Txn& txn, const model::Tenure& tenure);

// This controller's share of the background work. Every controller raises the beats of the
// leases it holds; it takes one over only after seeing it unchanged for `take_after` on its
// own monotonic clock, and stops by itself `stop_after` its last successful renewal began, so
// nobody's wall clock matters. The leases are shared out evenly among the controllers that
// live. A holder that slept through all this is stopped by fence(). Thread-safe.
class LeaseKeeper {
 public:
  struct Options {
    std::chrono::milliseconds beat{3'000};
    std::chrono::milliseconds stop_after{8'000};
    std::chrono::milliseconds take_after{10'000};
  };

  // `holder` names this life of this process; no two may share it.
  LeaseKeeper(Store& store, const Clock& clock, std::string holder)
      : LeaseKeeper(store, clock, std::move(holder), {}) {}
  LeaseKeeper(Store& store, const Clock& clock, std::string holder, Options options);

  void campaign();  // renews, gives up what is over the share, takes what is free; once each beat; blocks
  void resign();    // all of it, for others to take at once; at the end of the process

  // None: not ours.
  std::optional<model::Tenure> pool() const;
  std::optional<model::Tenure> ofDevice(std::int64_t device) const;
  model::Shards shards() const;

  const std::string& holder() const { return holder_; }
  std::set<std::string> others() const;  // controllers that lived when this one campaigned last

 private:
  struct Holding {
    std::uint64_t epoch = 0;
    Instant renewed{};  // when the renewal began
  };
  struct Sighting {
    std::uint64_t epoch = 0, beat = 0;
    Instant since{};
  };
  using Rows = std::map<std::string, model::Lease>;

  std::optional<model::Tenure> tenure(const std::string& lease) const;
  bool runs(const Holding& holding) const;
  void keep(const Rows& rows, Instant began);
  void look(const Rows& rows);
  bool isFree(const model::Lease& row) const;
  void meet(const Rows& rows);
  void share(const Rows& rows);
  void giveUp(std::size_t most);
  void take(const Rows& rows, std::size_t most);
  void clearDead(const Rows& rows);

  Store& store_;
  const Clock& clock_;
  const std::string holder_;
  const Options options_;
  std::map<std::string, Sighting> seen_;  // of the one thread that campaigns
  mutable Locked<std::map<std::string, Holding>> held_;
  mutable Locked<std::set<std::string>> others_;
};

}  // namespace libra::service
