#pragma once

namespace libra::gear {

// Whether the other end of `accepted`, an IPv4 TCP connection on this host, is a socket
// of this very process: some descriptor of ours must be its mirror image, so no other
// process can pretend.
bool isOwnConnection(int accepted);

}  // namespace libra::gear
