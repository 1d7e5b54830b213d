#pragma once

#include <algorithm>
#include <tuple>

#include "lib/protocol/device_state.h"
#include "sidecar/haproxy/certificates.h"

namespace libra::test {

// Without what live() need not give back: names, VIPs, certificates but for their digests, TLS
// that is not enabled, the order of things, whether a default was asked for.
inline protocol::DeviceState comparable(protocol::DeviceState state) {
  auto byId = [](const auto& a, const auto& b) { return a.id < b.id; };
  state.virtual_ips.clear();
  for (auto& balancer : state.load_balancers) {
    balancer.name.clear();
    if (balancer.tls && !balancer.tls->enabled) balancer.tls.reset();
    sidecar::haproxy::hideCertificates(balancer);
    if (balancer.tls)
      std::sort(balancer.tls->mappings.begin(), balancer.tls->mappings.end(),
                [](const auto& a, const auto& b) { return a.host < b.host; });
    balancer.persistence = balancer.persistence.value_or(defaultPersistence(balancer.protocol));
    std::sort(balancer.nodes.begin(), balancer.nodes.end(), byId);
    std::sort(balancer.addresses.begin(), balancer.addresses.end());
    std::sort(balancer.access_list.begin(), balancer.access_list.end(), [](const auto& a, const auto& b) {
      return std::tie(a.network, a.prefix) < std::tie(b.network, b.prefix);
    });
  }
  std::sort(state.load_balancers.begin(), state.load_balancers.end(), byId);
  return state;
}

}  // namespace libra::test
