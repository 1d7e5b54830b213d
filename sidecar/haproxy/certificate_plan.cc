#include "sidecar/haproxy/certificate_plan.h"

#include "sidecar/haproxy/certificates.h"
#include "sidecar/haproxy/descriptor.h"

namespace libra::sidecar::haproxy {

namespace {

std::set<std::string> storesOf(const ProxyState& live) {
  std::set<std::string> names;
  for (const auto& [name, digest] : live.certificates) names.insert(name);
  for (const auto& [name, store] : live.stores) names.insert(name);
  return names;
}

void removeStore(const ProxyState& live, const std::string& name, std::vector<Step>& steps) {
  const auto store = live.stores.find(name);
  if (store != live.stores.end() && store->second.listed) steps.push_back(UnlistHost{name});
  if (store != live.stores.end()) steps.push_back(DeleteStore{name});
  if (live.certificates.count(name)) steps.push_back(RemoveEntry{MapFile::Certificates, name});
}

class Planner {
 public:
  Planner(const ProxyState& live, const ProxyState& target) : live_(live), target_(target) {}

  CertificatePlan make() {
    for (const auto& [name, certificates] : target_.authorities)
      if (!live_.authorities.count(name)) plan_.prepare.push_back(AddAuthority{name, certificates});
    for (const auto& [name, store] : target_.stores) bring(name, store);
    for (const auto& name : storesOf(live_)) retire(name);
    return std::move(plan_);
  }

 private:
  // The entry comes first, so that the listener is taken; what it says when the certificate is there.
  void bring(const std::string& name, const Store& wanted) {
    const auto store = live_.stores.find(name);
    const auto entry = live_.certificates.find(name);
    const auto& digest = target_.certificates.at(name);
    const bool for_host = !StoreName::parse(name)->host.empty();
    const bool exists = store != live_.stores.end(), told = entry != live_.certificates.end();
    const bool same = told && entry->second == digest;
    if (!told) plan_.prepare.push_back(AddEntry{MapFile::Certificates, name, "-"});
    if (!exists && for_host) plan_.prepare.push_back(AddStore{name});
    if (!exists || !same || store->second.fingerprint != wanted.fingerprint) put(name, wanted);
    if (for_host && (!exists || !store->second.listed)) plan_.prepare.push_back(ListHost{name});
    if (!same) plan_.publish.push_back(SetEntry{MapFile::Certificates, name, digest});
  }

  // HAProxy knows one transaction at a time.
  void put(const std::string& name, const Store& store) {
    if (!live_.transaction.empty() && !aborted_) plan_.prepare.push_back(AbortTransaction{live_.transaction});
    aborted_ = true;
    plan_.prepare.push_back(PutCertificate{name, store.bundle});
  }

  void retire(const std::string& name) {
    const auto parsed = StoreName::parse(name);
    const bool left = !parsed || !target_.certificates.count(StoreName{parsed->listener}.text());
    if (!left && !target_.certificates.count(name)) removeStore(live_, name, plan_.retire);
  }

  const ProxyState& live_;
  const ProxyState& target_;
  CertificatePlan plan_;
  bool aborted_ = false;
};

}  // namespace

CertificatePlan planCertificates(const ProxyState& live, const ProxyState& target) {
  return Planner(live, target).make();
}

std::set<std::string> leftBehind(const ProxyState& live) {
  std::set<int> used;
  for (const auto& [slot, text] : live.balancers)
    if (const auto descriptor = Descriptor::parse(text)) used.insert(descriptor->listener);
  std::set<std::string> left;
  for (const auto& store : storesOf(live))
    if (const auto name = StoreName::parse(store); name && !used.count(name->listener))
      left.insert(listenerName(name->listener));

  for (const auto& [authority, certificates] : live.authorities)
    if (isAuthorityName(authority)) left.insert(authority);
  for (const auto& [backend, servers] : live.servers)
    for (const auto& [server, attributes] : servers)
      if (const auto name = ServerName::parse(server)) left.erase(authorityName(name->tls));
  return left;
}

std::vector<Step> cleaning(const ProxyState& live, const std::string& left, const Store& placeholder) {
  const auto listener = listenerOf(left);
  if (!listener) return {DeleteAuthority{left}};
  const auto shown = StoreName{*listener}.text();
  std::vector<Step> steps{PutCertificate{shown, placeholder.bundle}};
  for (const auto& store : storesOf(live))
    if (const auto name = StoreName::parse(store); name && name->listener == *listener && !name->host.empty())
      removeStore(live, store, steps);
  // Last: now the listener is free.
  if (live.certificates.count(shown)) steps.push_back(RemoveEntry{MapFile::Certificates, shown});
  return steps;
}

}  // namespace libra::sidecar::haproxy
