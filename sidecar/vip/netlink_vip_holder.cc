#include "sidecar/vip/netlink_vip_holder.h"

#include <algorithm>

#include "lib/log/log.h"
#include "sidecar/vip/address_probe.h"

namespace libra::sidecar {

namespace {

constexpr log::Logger kLog{"vip"};
constexpr Millis kAsleep{100};  // who wakes up so much later than he wanted was not there
constexpr Millis kTick{50};
constexpr Millis kPauses[] = {Millis(50), Millis(50), Millis(900), Millis(4000)};

}  // namespace

Result<std::unique_ptr<NetlinkVipHolder>> NetlinkVipHolder::open(const std::string& interface, bool announce,
                                                                 EventLoop& loop, const Clock& clock) {
  auto netlink = Netlink::open(interface);
  if (!netlink) return netlink.error();
  auto link = Netlink::open(interface);
  if (!link) return link.error();
  std::optional<Announcer> announcer;
  if (announce) {
    auto opened = Announcer::open(interface);
    if (!opened) return opened.error();
    announcer = *std::move(opened);
  }
  return std::unique_ptr<NetlinkVipHolder>(
      new NetlinkVipHolder(interface, *std::move(netlink), *std::move(link), std::move(announcer), loop, clock));
}

Result<std::set<NetAddress>> NetlinkVipHolder::present() {
  const auto listed = netlink_.list();
  if (!listed) return listed.error();
  std::set<NetAddress> addresses;
  for (const auto& entry : *listed) addresses.insert(entry.address);
  return addresses;
}

Status NetlinkVipHolder::hold(const protocol::VirtualIpState& vip) {
  const auto added = netlink_.add(vip.address, vip.prefix);
  if (!added) return added.error();
  {
    auto held = held_.lock();
    auto& entry = held->vips[vip.address];
    entry.prefix = vip.prefix;
    if (*added) entry.link_losses = held->linkLosses();
  }
  if (!*added) return ok();
  kLog.info("holding {}/{}, epoch {}", vip.address.str(), vip.prefix, vip.epoch);
  if (announcer_) announce(vip.address);
  return ok();
}

Status NetlinkVipHolder::drop(const NetAddress& address, int prefix) {
  auto held = held_.lock();
  held->vips.erase(address);  // first, so that no announcement follows the removal
  if (auto removed = netlink_.remove(address, prefix); !removed) return removed;
  kLog.info("dropped {}/{}", address.str(), prefix);
  // The kernel takes the secondary addresses of a subnet away with its primary one.
  for (const auto& [other, entry] : held->vips)
    if (const auto kept = netlink_.add(other, entry.prefix); !kept) return kept.error();
  return ok();
}

Result<std::set<NetAddress>> NetlinkVipHolder::heldElsewhere(const std::set<NetAddress>& addresses) {
  if (!announcer_) return std::set<NetAddress>();
  return heldByNeighbours(interface_, addresses, clock_);
}

void NetlinkVipHolder::announce(const NetAddress& address) {
  sendIfHeld(address);
  loop_.post([this, address] { announceAgain(address, 0); });
}

void NetlinkVipHolder::announceAgain(const NetAddress& address, std::size_t turn) {
  if (turn == std::size(kPauses)) {
    repeating_.erase(address);
    return;
  }
  waitToAnnounce(address, turn, clock_.monotonic() + kPauses[turn]);
}

// Awake all the time, so that a process that slept knows it, whenever it wakes up.
void NetlinkVipHolder::waitToAnnounce(const NetAddress& address, std::size_t turn, Instant due) {
  const auto now = clock_.monotonic();
  const auto wake = std::min(due, now + kTick);
  auto& timer = repeating_[address];
  timer = std::make_unique<Timer>(loop_, [this, address, turn, due, wake] {
    if (clock_.monotonic() > wake + kAsleep) return announceAgain(address, std::size(kPauses));
    if (wake < due) return waitToAnnounce(address, turn, due);
    sendIfHeld(address);
    announceAgain(address, turn + 1);
  });
  timer->once(std::chrono::ceil<Millis>(wake - now));
}

// Under the lock, so that drop() waits for a frame on its way and none comes after it.
void NetlinkVipHolder::sendIfHeld(const NetAddress& address) {
  auto held = held_.lock();
  const auto entry = held->vips.find(address);
  if (entry == held->vips.end() || entry->second.link_losses != held->linkLosses()) return;
  if (const auto sent = announcer_->send(address); !sent)
    kLog.warn("cannot announce {}: {}", address.str(), sent.error().detail);
}

}  // namespace libra::sidecar
