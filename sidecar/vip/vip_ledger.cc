#include "sidecar/vip/vip_ledger.h"

#include <algorithm>

namespace libra::sidecar {

Status VipLedger::admit(const std::vector<protocol::VirtualIpState>& wanted) const {
  for (const auto& vip : wanted) {
    const auto seen = entries_.find(vip.address);
    if (seen != entries_.end() && vip.epoch < seen->second.epoch)
      return Error{ErrorCode::Conflict, "Virtual IP " + vip.address.str() + " was given away since",
                   "epoch " + std::to_string(vip.epoch) + " is older than " + std::to_string(seen->second.epoch)};
  }
  return ok();
}

void VipLedger::want(const std::vector<protocol::VirtualIpState>& wanted, const std::set<NetAddress>& present) {
  for (const auto& vip : wanted) {
    Entry& entry = entries_[vip.address];
    entry.epoch = std::max(entry.epoch, vip.epoch);
    if (entry.ours) continue;  // it is on the interface with the prefix it got then
    entry.ours = !present.contains(vip.address);
    entry.prefix = vip.prefix;
  }
}

void VipLedger::dropped(const NetAddress& address) { entries_[address].ours = false; }

std::map<NetAddress, int> VipLedger::surplus(const std::vector<protocol::VirtualIpState>& wanted) const {
  std::map<NetAddress, int> left;
  for (const auto& [address, entry] : entries_)
    if (entry.ours) left[address] = entry.prefix;
  for (const auto& vip : wanted) left.erase(vip.address);
  return left;
}

}  // namespace libra::sidecar
