#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "lib/base/clock.h"
#include "lib/event/readable.h"
#include "lib/event/timer.h"
#include "lib/protocol/device_state.h"
#include "lib/protocol/vip_claim.h"
#include "lib/seal/hand.h"
#include "sidecar/vip/frames.h"
#include "sidecar/vip/netlink.h"
#include "sidecar/vip/packet_socket.h"

namespace libra::sidecar {

// Settles with a neighbour that has a VIP of ours too whose it is, where no controller may be in
// reach. What is said of addresses on the wire has no epoch and can be forged, so it is only a
// reason to show the claim that a controller signed; the higher epoch's is the VIP, and nothing
// that is not signed by a controller changes anything. After its link was lost, and after it slept,
// the device asks for its VIPs, so that whoever has them by now shows why. On the loop's thread, but hold().
class ClaimExchange {
 public:
  struct Events {
    // Must return at once. A controller gave the VIP to another device, later than to us:
    std::function<void(const NetAddress& vip, std::uint64_t epoch)> outranked;
    // A neighbour has it, or wants it, by an earlier epoch than ours:
    std::function<void(const NetAddress& vip)> defended;
  };

  // Needs CAP_NET_RAW. Outlive the loop's run(), not the loop.
  static Result<std::unique_ptr<ClaimExchange>> open(const std::string& interface, const tls::Files& files,
                                                     EventLoop& loop, const Clock& clock, Events events);

  // What is ours from now on, with the claims to show for it. Any thread.
  void hold(const std::vector<protocol::VirtualIpState>& vips);

 private:
  struct Ears {
    PacketSocket arp, discovery, claims;
  };
  struct Ours {
    std::uint64_t epoch = 0;
    std::string claim;  // the signed bytes; "": nothing to show
    Instant shown{};    // to somebody who says, unsigned, that it has it
  };

  ClaimExchange(Ears ears, const MacAddress& mac, Netlink link, seal::Hand hand, EventLoop& loop, const Clock& clock,
                Events events);
  void hearOfOurs();
  void hearAddresses(const PacketSocket& ear);
  void hearClaims();
  void judge(const SignedClaim& claim);
  std::optional<protocol::VipClaim> verified(const SignedClaim& claim);
  void show(const NetAddress& vip, const MacAddress& to);
  void tellUnsigned(const std::string& why);
  void look();
  bool wasAway();
  bool isInDoubt() const;
  void ask();

  const Ears ears_;
  const MacAddress mac_;
  Netlink link_;
  const seal::Hand hand_;
  EventLoop& loop_;
  const Clock& clock_;
  const Events events_;
  std::map<NetAddress, Ours> ours_;
  std::optional<std::set<NetAddress>> heard_of_;  // what the ears are set to
  std::uint32_t link_losses_ = 0;
  Instant awake_{};    // when look() was last called
  Instant told_{};     // of a claim that nobody signed whom we know
  int questions_ = 0;  // still to be asked
  int verified_ = 0;   // since then: it costs more than to send it
  std::vector<std::unique_ptr<Readable>> readable_;
  Timer look_{loop_, [this] { look(); }};
};

}  // namespace libra::sidecar
