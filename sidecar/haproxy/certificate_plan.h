#pragma once

#include <set>
#include <string>
#include <vector>

#include "sidecar/haproxy/proxy_state.h"
#include "sidecar/haproxy/step.h"

namespace libra::sidecar::haproxy {

// What makes the certificates of `live` those of `target`, for the stages of a plan. A
// certificate that changes is exchanged where it is: each handshake meets the old or the new.
struct CertificatePlan {
  std::vector<Step> prepare, publish, retire;

  bool empty() const { return prepare.empty() && publish.empty() && retire.empty(); }
};
CertificatePlan planCertificates(const ProxyState& live, const ProxyState& target);

// The listeners that hold certificates and that no load balancer has, and the authorities no
// server needs, by name. A plan leaves them: who is in the middle of a handshake may need them.
std::set<std::string> leftBehind(const ProxyState& live);

// Removes one of them.
std::vector<Step> cleaning(const ProxyState& live, const std::string& left, const Store& placeholder);

}  // namespace libra::sidecar::haproxy
