#include "sidecar/haproxy/certificates.h"

#include <fmt/format.h>

#include "lib/tls/authority.h"
#include "lib/tls/bundle.h"
#include "lib/tls/digest.h"
#include "sidecar/haproxy/words.h"
#include "sidecar/tls/understand.h"

namespace libra::sidecar::haproxy {

namespace {

using protocol::CertificateState;
using protocol::LoadBalancerState;
using protocol::NodeTlsState;
using protocol::TlsState;

constexpr std::string_view kFolder = "tls/";

bool isPem(std::string_view text) { return text.starts_with("-----"); }  // else it is hidden already

Secret bundleOf(const CertificateState& certificate) {
  return Secret(certificate.certificate + certificate.intermediates + certificate.key.reveal());
}

}  // namespace

std::string StoreName::text() const {
  const auto name = fmt::format("{}{}", kFolder, listenerName(listener));
  if (host.empty()) return name + ".pem";
  return name + "/" + (host.front() == '*' ? "_" + host.substr(1) : host);
}

std::optional<StoreName> StoreName::parse(std::string_view text) {
  if (!text.starts_with(kFolder)) return std::nullopt;
  const auto end = text.find_first_of("./", kFolder.size());
  if (end == text.npos) return std::nullopt;
  const auto listener = listenerOf(text.substr(kFolder.size(), end - kFolder.size()));
  if (!listener) return std::nullopt;
  StoreName name{*listener};
  if (text[end] == '/') name.host = text.substr(end + 1);
  if (name.host.starts_with('_')) name.host.front() = '*';
  return name.text() == text ? std::optional(name) : std::nullopt;
}

std::string listenerName(int listener) { return fmt::format("t{}", listener); }

std::optional<int> listenerOf(std::string_view name) {
  if (!name.starts_with('t')) return std::nullopt;
  const auto number = numberOf<int>(name.substr(1));
  if (!number || *number < 1 || *number > kTlsListeners || listenerName(*number) != name) return std::nullopt;
  return number;
}

std::string hostListOf(int listener) { return fmt::format("{}{}.list", kFolder, listenerName(listener)); }

std::string hostListEntry(const StoreName& store) { return store.text() + " " + store.host; }

std::string digestOf(const CertificateState& certificate) {
  return tls::sha256Hex(certificate.certificate + certificate.intermediates);
}

std::string digestOf(const NodeTlsState& tls) {
  return tls::sha256Hex(fmt::format("{}\n{}\n{}", tls.verify, tls.host, tls.ca)).substr(0, 16);
}

std::string authorityName(const std::string& digest) { return fmt::format("{}{}.ca", kFolder, digest); }

bool isAuthorityName(std::string_view text) {
  return text.starts_with(kFolder) && text.ends_with(".ca") &&
         text.size() == authorityName(std::string(16, '0')).size();
}

Status understand(LoadBalancerState& balancer) { return sidecar::understand(balancer, kLongestPayload); }

void hideCertificates(LoadBalancerState& balancer) {
  const auto hide = [](CertificateState& shown) {
    if (isPem(shown.certificate)) shown = {shown.host, digestOf(shown), {}, {}};
  };
  if (balancer.tls) {
    hide(balancer.tls->certificate);
    for (auto& mapping : balancer.tls->mappings) hide(mapping);
  }
  if (isPem(balancer.node_tls.ca)) balancer.node_tls.ca = tls::sha256Hex(balancer.node_tls.ca);
}

void layOutCertificates(const TlsState& tls, int listener, ProxyState& target) {
  const auto put = [&](const CertificateState& certificate) {
    const auto name = StoreName{listener, certificate.host}.text();
    target.certificates[name] = digestOf(certificate);
    target.stores[name] = {tls::fingerprintOf(certificate.certificate), true, bundleOf(certificate)};
  };
  put(tls.certificate);
  for (const auto& mapping : tls.mappings) put(mapping);
}

void describeCertificates(const ProxyState& live, int listener, TlsState& tls) {
  for (const auto& [text, digest] : live.certificates) {
    const auto name = StoreName::parse(text);
    if (!name || name->listener != listener) continue;
    auto& shown = name->host.empty() ? tls.certificate : tls.mappings.emplace_back();
    shown.host = name->host;
    shown.certificate = digest;
  }
}

Result<std::map<std::string, Secret>> certificateFiles(const ProxyState& state, Time now) {
  const auto nobodys = placeholder(now);
  if (!nobodys) return nobodys.error();
  std::map<std::string, Secret> files;
  std::map<int, std::string> lists;
  for (int listener = 1; listener <= kTlsListeners; ++listener) {
    lists[listener];
    files[StoreName{listener}.text()] = nobodys->bundle;
  }
  for (const auto& [text, store] : state.stores) {
    const auto name = StoreName::parse(text);
    if (!name) continue;
    files[text] = store.bundle;
    if (!name->host.empty()) lists[name->listener] += hostListEntry(*name) + "\n";
  }
  for (const auto& [listener, list] : lists) files[hostListOf(listener)] = Secret(list);
  for (const auto& [name, certificates] : state.authorities) files[name] = Secret(certificates);
  return files;
}

Result<Store> placeholder(Time now) {
  const auto made = tls::createAuthority("no load balancer", tls::validFor(now, 3650));
  if (!made) return made.error();
  return Store{tls::fingerprintOf(made->certificate), true, Secret(made->certificate + made->key)};
}

}  // namespace libra::sidecar::haproxy
