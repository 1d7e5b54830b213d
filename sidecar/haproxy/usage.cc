#include "sidecar/haproxy/usage.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <vector>

#include "sidecar/haproxy/descriptor.h"
#include "sidecar/haproxy/live_state.h"
#include "sidecar/haproxy/slots.h"

namespace libra::sidecar::haproxy {

namespace {

protocol::UsageCounters told(const Counters& counters) {
  const auto positive = [](std::int64_t count) { return static_cast<std::uint64_t>(std::max<std::int64_t>(count, 0)); };
  protocol::UsageCounters used{positive(counters.bytes_in),
                               positive(counters.bytes_out),
                               positive(counters.connections),
                               positive(counters.requests),
                               {}};
  for (std::size_t i = 0; i < used.statuses.size(); ++i) used.statuses[i] = positive(counters.statuses[i]);
  return used;
}

// Of every backend of the slot, and those in quarantine too: what nodes are or were.
std::vector<ServerUsage> serversOf(const LiveState& live, int slot) {
  std::vector<ServerUsage> servers;
  for (const auto& server : live.activity)
    if (const auto name = ServerName::parse(server.name); name && Variant::parse(server.backend)->slot == slot)
      servers.push_back({server.backend + "/" + server.name, name->node, told(server.counters)});
  return servers;
}

std::vector<int> slotsOf(const std::map<int, Descriptor>& taken) {
  std::vector<int> slots;
  for (const auto& [slot, descriptor] : taken) slots.push_back(slot);
  return slots;
}

}  // namespace

Result<ProcessUsage> readUsage(RuntimeSocket& socket) {
  const auto read = readLive(socket);
  if (!read) return read.error();
  std::map<int, Descriptor> taken;
  for (const auto& [slot, text] : read->state.balancers)
    if (auto descriptor = Descriptor::parse(text)) taken.emplace(descriptor->backend.slot, *std::move(descriptor));
  auto totals = readTotals(socket, slotsOf(taken));
  if (!totals) return totals.error();

  Usage usage{read->process.id(), {}, {}};
  for (const auto& [slot, descriptor] : taken) {
    auto used = (*totals)[slot];
    used -= descriptor.baseline;
    usage.load_balancers.push_back(
        {descriptor.balancer.id, descriptor.balancer.protocol, told(used), serversOf(*read, slot)});
  }
  for (const auto& slot : allSlots())
    if (!taken.contains(slot.number)) std::ranges::move(serversOf(*read, slot.number), std::back_inserter(usage.left));
  return ProcessUsage{std::move(usage), read->process.stopping && read->process.connections == 0};
}

}  // namespace libra::sidecar::haproxy
