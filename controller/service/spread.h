#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace libra::service {

// How many spares there are, or will be, by zone and host group.
using Place = std::pair<std::string, std::string>;
using Spread = std::map<Place, int>;

// How many there should be: so many in each zone, in its host groups as evenly as can be.
struct WantedSpread {
  int spares = 3;
  std::vector<std::string> zones{""};  // a single one counts all spares, wherever they are
  std::vector<std::string> host_groups{};

  int total() const { return spares * static_cast<int>(zones.size()); }
};

// Where the next one should be: in the zone that lacks most, away from the others. None: all is full.
std::optional<Place> nextPlace(const Spread& have, const WantedSpread& wanted);

}  // namespace libra::service
