#include "controller/vip_ranges.h"

#include <algorithm>

namespace libra {

namespace {

constexpr std::uint64_t kPerTransaction = 512;

Status insert(service::Store& store, const NetRange& range, int prefix, std::uint64_t from, std::uint64_t until) {
  return store.transact([&](service::Txn& txn) -> Status {
    for (std::uint64_t i = from; i < until; ++i) txn.vips().insert(range.at(i), prefix);
    return ok();
  });
}

}  // namespace

Status loadVips(service::Store& store, const Settings::Vips& vips) {
  for (const auto& range : vips.ranges) {
    const bool v6 = range.network.isV6();
    const bool whole = range.size() <= 2;  // a point-to-point link has neither
    const std::uint64_t end = range.size() - (whole || v6 ? 0 : 1);
    for (std::uint64_t at = whole ? 0 : 1; at < end; at += kPerTransaction) {
      const auto done = insert(store, range, v6 ? vips.prefix6 : vips.prefix, at, std::min(end, at + kPerTransaction));
      if (!done) return done;
    }
  }
  return ok();
}

}  // namespace libra
