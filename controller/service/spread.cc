#include "controller/service/spread.h"

#include <algorithm>

namespace libra::service {

namespace {

int inZone(const Spread& have, const std::string& zone, bool only_one) {
  int sum = 0;
  for (const auto& [place, count] : have)
    if (only_one || place.first == zone) sum += count;
  return sum;
}

std::string emptiestGroup(const Spread& have, const std::string& zone, const std::vector<std::string>& groups) {
  const auto count = [&](const std::string& group) {
    const auto found = have.find({zone, group});
    return found == have.end() ? 0 : found->second;
  };
  const auto best =
      std::min_element(groups.begin(), groups.end(), [&](const auto& a, const auto& b) { return count(a) < count(b); });
  return best == groups.end() ? "" : *best;
}

}  // namespace

std::optional<Place> nextPlace(const Spread& have, const WantedSpread& wanted) {
  const auto held = [&](const std::string& zone) { return inZone(have, zone, wanted.zones.size() == 1); };
  const auto zone = std::min_element(wanted.zones.begin(), wanted.zones.end(),
                                     [&](const auto& a, const auto& b) { return held(a) < held(b); });
  if (zone == wanted.zones.end() || held(*zone) >= wanted.spares) return std::nullopt;
  return Place{*zone, emptiestGroup(have, *zone, wanted.host_groups)};
}

}  // namespace libra::service
