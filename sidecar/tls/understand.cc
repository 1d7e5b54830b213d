#include "sidecar/tls/understand.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "lib/tls/bundle.h"

namespace libra::sidecar {

namespace {

using protocol::CertificateState;
using protocol::LoadBalancerState;

Error refuse(const LoadBalancerState& balancer, std::string_view what, const Error& why) {
  return Error{ErrorCode::Invalid,
               fmt::format("Load balancer {} cannot be configured: {}{}", balancer.id, what, why.message), why.detail};
}

std::size_t sizeOf(const CertificateState& certificate) {
  return certificate.certificate.size() + certificate.intermediates.size() + certificate.key.reveal().size();
}

Status understand(const LoadBalancerState& balancer, CertificateState& certificate, std::size_t longest) {
  const auto what = certificate.host.empty() ? std::string() : fmt::format("of {}, ", certificate.host);
  auto read = tls::understood({certificate.certificate, certificate.intermediates, certificate.key});
  if (!read) return refuse(balancer, what, read.error());
  certificate.certificate = std::move(read->certificate);
  certificate.intermediates = std::move(read->intermediates);
  certificate.key = std::move(read->key);
  for (auto& c : certificate.host) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (sizeOf(certificate) <= longest) return ok();
  return refuse(balancer, what, {ErrorCode::Invalid, "the certificate and its chain are too long"});
}

}  // namespace

Status understand(LoadBalancerState& balancer, std::size_t longest) {
  if (balancer.tls) {
    auto& tls = *balancer.tls;
    if (auto status = understand(balancer, tls.certificate, longest); !status) return status;
    for (auto& mapping : tls.mappings)
      if (auto status = understand(balancer, mapping, longest); !status) return status;
    std::sort(tls.mappings.begin(), tls.mappings.end(), [](auto& a, auto& b) { return a.host < b.host; });
  }
  if (balancer.node_tls.ca.empty()) return ok();
  auto authorities = tls::understoodAuthorities(balancer.node_tls.ca);
  if (!authorities) return refuse(balancer, "for its nodes, ", authorities.error());
  balancer.node_tls.ca = *std::move(authorities);
  return ok();
}

}  // namespace libra::sidecar
