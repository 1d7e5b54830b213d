#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "lib/base/locked.h"
#include "lib/event/timer.h"
#include "sidecar/vip/announce.h"
#include "sidecar/vip/netlink.h"
#include "sidecar/vip/vip_holder.h"

namespace libra::sidecar {

// The real one. A VIP that was added is announced at once, on the caller's thread, and
// again after 50 ms, 100 ms, 1 s and 5 s on the loop: one lost broadcast otherwise costs
// a neighbour up to a minute. A VIP given up is never announced again, nor is one by a
// process that slept meanwhile or over a link that was lost: the VIP may be another's by now.
// Outlive the loop's run(), not the loop.
class NetlinkVipHolder final : public VipHolder {
 public:
  // Without `announce` neighbours are left to find out (the provider moves the VIP itself).
  static Result<std::unique_ptr<NetlinkVipHolder>> open(const std::string& interface, bool announce, EventLoop& loop,
                                                        const Clock& clock);

  Result<std::set<NetAddress>> present() override;
  Status hold(const protocol::VirtualIpState& vip) override;
  Status drop(const NetAddress& address, int prefix) override;
  Result<std::set<NetAddress>> heldElsewhere(const std::set<NetAddress>& addresses) override;
  void announceHeld(const NetAddress& address) {
    sendIfHeld(address);
  }  // once more; any thread, after open() to announce

 private:
  struct Held {
    int prefix = 0;
    std::uint32_t link_losses = 0;  // when it was taken
  };
  // Guarded together: what is held, and the link's state it is compared with.
  struct Holdings {
    std::map<NetAddress, Held> vips;
    std::optional<Netlink> link;

    std::uint32_t linkLosses() {
      const auto losses = link->linkLosses();
      return losses ? *losses : 0;  // a kernel that does not count them
    }
  };

  NetlinkVipHolder(std::string interface, Netlink netlink, Netlink link, std::optional<Announcer> announcer,
                   EventLoop& loop, const Clock& clock)
      : interface_(std::move(interface)),
        netlink_(std::move(netlink)),
        announcer_(std::move(announcer)),
        loop_(loop),
        clock_(clock) {
    held_.lock()->link = std::move(link);
  }
  void announce(const NetAddress& address);
  void announceAgain(const NetAddress& address, std::size_t turn);
  void waitToAnnounce(const NetAddress& address, std::size_t turn, Instant due);
  void sendIfHeld(const NetAddress& address);

  const std::string interface_;
  Netlink netlink_;
  std::optional<Announcer> announcer_;
  EventLoop& loop_;
  const Clock& clock_;
  Locked<Holdings> held_;
  std::map<NetAddress, std::unique_ptr<Timer>> repeating_;  // of the loop's thread
};

}  // namespace libra::sidecar
