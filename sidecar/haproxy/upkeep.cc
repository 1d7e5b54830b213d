#include "sidecar/haproxy/upkeep.h"

#include <algorithm>
#include <iterator>

#include "lib/log/log.h"
#include "sidecar/haproxy/attachments.h"
#include "sidecar/haproxy/certificate_plan.h"
#include "sidecar/haproxy/certificates.h"
#include "sidecar/haproxy/descriptor.h"
#include "sidecar/haproxy/execute.h"
#include "sidecar/haproxy/wanted.h"
#include "sidecar/haproxy/words.h"

namespace libra::sidecar::haproxy {

namespace {

constexpr log::Logger kLog{"haproxy"};

std::set<std::string> attachmentsUsed(const ProxyState& live, MapFile map) {
  std::set<std::string> names;
  for (const auto& [slot, text] : live.balancers)
    if (const auto descriptor = Descriptor::parse(text))
      names.insert(map == MapFile::Access ? descriptor->access : descriptor->page);
  return names;
}

bool isDue(const ServerActivity& server, const OptionClass& option_class) {
  const auto wait = option_class.quarantine();
  return server.sessions == 0 && server.since_change >= wait && server.since_session.value_or(wait) >= wait;
}

}  // namespace

void Upkeep::run(RuntimeSocket& socket, const LiveState& live) {
  endDrains(socket, live);
  endQuarantines(socket, live);
  forgetUnused(socket, live.state);
}

// Also of servers the node left meanwhile: its old sessions end with the drain.
void Upkeep::endDrains(RuntimeSocket& socket, const LiveState& live) const {
  for (const auto& server : live.activity) {
    const auto name = ServerName::parse(server.name);
    const auto drain = name ? live.state.drains.find(drainKey(Variant::parse(server.backend)->slot, name->node))
                            : live.state.drains.end();
    if (drain == live.state.drains.end()) continue;
    const auto until = numberOf<long>(drain->second);
    if (!until || !isOver(std::chrono::seconds(*until), clock_.now())) continue;

    std::vector<Step> steps;
    const auto admin = live.state.servers.at(server.backend).at(server.name).admin;
    if (admin == Admin::Drain) steps.push_back(SetAdmin{server.backend, server.name, Admin::Maintenance});
    if (admin != Admin::Ready && server.sessions > 0) steps.push_back(CutSessions{server.backend, server.name});
    if (auto status = execute(socket, steps); !status) kLog.warn("a drain does not end: {}", status.error().detail);
  }
}

void Upkeep::endQuarantines(RuntimeSocket& socket, const LiveState& live) const {
  for (const auto& server : live.activity) {
    if (!live.state.servers.at(server.backend).at(server.name).retired()) continue;
    const auto slot = Variant::parse(server.backend)->slot;
    if (!isDue(server, allSlots()[slot - 1].option_class)) continue;
    if (auto status = execute(socket, {DeleteServer{server.backend, server.name}}); !status)
      kLog.debug("a server stays in quarantine: {}", status.error().detail);
  }
}

// A connection may have read a descriptor just before it changed, so what it named stays for
// another second.
void Upkeep::forgetUnused(RuntimeSocket& socket, const ProxyState& live) {
  std::set<std::string> unused;
  std::vector<Step> steps;
  for (const auto map : {MapFile::Access, MapFile::Pages}) {
    const auto used = attachmentsUsed(live, map);
    for (const auto& [key, value] : entriesOf(live, map)) {
      const std::string name(attachmentOf(key));
      if (used.count(name)) continue;
      const auto& known = *unused.insert(fileName(map) + " " + name).first;
      if (unused_.count(known)) steps.push_back(RemoveEntry{map, key});
    }
  }
  for (const auto& left : leftBehind(live)) {
    unused.insert(left);
    if (unused_.count(left)) clean(live, left, steps);
  }
  unused_ = std::move(unused);
  if (auto status = execute(socket, steps); !status) kLog.warn("something stays: {}", status.error().detail);
}

void Upkeep::clean(const ProxyState& live, const std::string& left, std::vector<Step>& steps) const {
  const auto nobodys = placeholder(clock_.now());
  if (!nobodys) return kLog.warn("{} stays: {}", left, nobodys.error().detail);
  std::ranges::move(cleaning(live, left, *nobodys), std::back_inserter(steps));
}

}  // namespace libra::sidecar::haproxy
