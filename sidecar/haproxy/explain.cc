#include "sidecar/haproxy/explain.h"

#include <fmt/format.h>

#include "sidecar/haproxy/certificates.h"
#include "sidecar/haproxy/descriptor.h"
#include "sidecar/haproxy/slots.h"
#include "sidecar/haproxy/wanted.h"
#include "sidecar/haproxy/words.h"

namespace libra::sidecar::haproxy {

namespace {

std::string addressesOf(const ProxyState& state, const std::string& slot) {
  std::string text;
  for (const auto& [key, way] : state.vips)
    if (slotOf(way) == slot) text += (text.empty() ? "" : ", ") + key + (way.ends_with(".tls") ? " (TLS)" : "");
  return text.empty() ? "no address yet" : text;
}

std::string headingFor(const ProxyState& state, const std::string& slot, const Descriptor& descriptor) {
  return fmt::format("\nslot {}: load balancer {}, {}, on {}\n  backend {}\n", slot, descriptor.balancer.id,
                     name(descriptor.balancer.protocol), addressesOf(state, slot), descriptor.backend.name());
}

std::string conditionOf(const Server& server, const ServerActivity& activity, const std::string& drain) {
  if (server.retired()) return fmt::format("leaves, since {} s", activity.since_change.count());
  if (server.admin == Admin::Drain || !drain.empty())
    return drain == "0" || drain.empty() ? "drains" : fmt::format("drains until {}", drain);
  return server.admin == Admin::Maintenance ? "disabled" : activity.up ? "up" : "DOWN";
}

std::string lineFor(const ProxyState& state, const ServerActivity& activity) {
  const auto& server = state.servers.at(activity.backend).at(activity.name);
  const auto parsed = ServerName::parse(activity.name);
  const auto variant = Variant::parse(activity.backend);
  if (!parsed || !variant) return fmt::format("  server {:<20} not ours\n", activity.name);
  const auto drain = state.drains.find(drainKey(variant->slot, parsed->node));
  const auto condition = conditionOf(server, activity, drain == state.drains.end() ? "" : drain->second);
  return fmt::format("  server {:<20} node {:<8} {:<22} {}, weight {}{}, {} sessions\n", activity.name, parsed->node,
                     endpoint(server.address, server.port), condition, server.weight, server.backup ? ", backup" : "",
                     activity.sessions);
}

std::string certificatesOf(const ProxyState& state, int listener) {
  std::string text;
  for (const auto& [store, held] : state.stores)
    if (const auto name = StoreName::parse(store); name && name->listener == listener)
      text += fmt::format("  certificate {:<15} {}, SHA-1 {}\n", store,
                          name->host.empty() ? "for every other host" : "for " + name->host, held.fingerprint);
  return text;
}

}  // namespace

std::string explain(const LiveState& live) {
  const auto running = describe(live.state);
  auto text = fmt::format("generation {}{}\n", running.generation, running.suspended ? ", SUSPENDED" : "");
  for (const auto& [slot, value] : live.state.balancers) {
    const auto descriptor = Descriptor::parse(value);
    text += descriptor ? headingFor(live.state, slot, *descriptor) : fmt::format("\nslot {}: not ours\n", slot);
    if (descriptor && descriptor->listener != 0) text += certificatesOf(live.state, descriptor->listener);
    for (const auto& activity : live.activity)
      if (descriptor && activity.backend == descriptor->backend.name()) text += lineFor(live.state, activity);
  }
  std::string others;
  for (const auto& activity : live.activity)
    if (!descriptorOf(live.state, activity.backend))
      others += fmt::format("  {}/{}\n", activity.backend, activity.name);
  return others.empty() ? text : text + "\nservers no connection is sent to\n" + others;
}

}  // namespace libra::sidecar::haproxy
