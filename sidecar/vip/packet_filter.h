#pragma once

#include <linux/filter.h>

#include <set>
#include <vector>

#include "lib/base/net_address.h"

namespace libra::sidecar {

// Programs for SO_ATTACH_FILTER on a socket of whole Ethernet frames: the kernel passes on what
// they say, and wakes nobody up for the rest.
using PacketFilter = std::vector<sock_filter>;

PacketFilter neighbourDiscovery();  // of all IPv6, the two ICMPv6 messages that concern addresses

// Of ARP, and of that, those who say that they have one of the addresses, or are about to take it.
PacketFilter arpOf(const std::set<NetAddress>& addresses);
PacketFilter neighbourDiscoveryOf(const std::set<NetAddress>& addresses);

}  // namespace libra::sidecar
