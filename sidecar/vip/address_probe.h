#pragma once

#include <set>
#include <string>

#include "lib/base/clock.h"
#include "lib/base/net_address.h"
#include "lib/base/result.h"

namespace libra::sidecar {

// Those of the addresses that a neighbour of the interface has, or is about to take: three
// questions each, as RFC 5227 2.1 and RFC 4862 5.4 have them, but each 150 ms. Claims nothing.
// An Error when nobody can be asked: the link is down. Blocks for half a second; needs CAP_NET_RAW.
Result<std::set<NetAddress>> heldByNeighbours(const std::string& interface, const std::set<NetAddress>& addresses,
                                              const Clock& clock);

}  // namespace libra::sidecar
