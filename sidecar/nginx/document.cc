#include "sidecar/nginx/document.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <span>

#include "lib/base/host_port.h"
#include "lib/log/log.h"
#include "lib/protocol/device_job.h"
#include "sidecar/nginx/server_class.h"

namespace libra::sidecar::nginx {

namespace {

using protocol::CertificateState;
using protocol::DeviceState;
using protocol::LoadBalancerState;
using protocol::NodeState;
using std::chrono::seconds;

constexpr log::Logger kLog{"nginx"};
constexpr int kMaxFails = 1;
constexpr int kFailTimeout = 10;

const char* wordFor(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::LeastConnections:
    case Algorithm::WeightedLeastConnections:
      return "LEAST_CONNECTIONS";
    case Algorithm::Random:
      return "RANDOM";
    default:
      return "ROUND_ROBIN";
  }
}

const char* wordFor(Persistence persistence) {
  if (persistence == Persistence::None) return "NONE";
  return persistence == Persistence::HttpCookie ? "COOKIE" : "SOURCE";
}

bool isSecured(const LoadBalancerState& balancer) { return balancer.tls && balancer.tls->enabled; }

// Whether its own port is open too, be it only to say where the secure one is.
bool servesPlain(const LoadBalancerState& balancer) {
  return !isSecured(balancer) || !balancer.tls->secure_only || balancer.https_redirect;
}

json::Value listenersOf(const LoadBalancerState& balancer) {
  auto addresses = balancer.addresses;
  if (addresses.empty()) addresses = {*NetAddress::parse("0.0.0.0"), *NetAddress::parse("::")};
  auto secure = classFor(balancer);
  secure.tls = true;
  auto list = json::Value::array();
  for (const auto& address : addresses) {
    if (servesPlain(balancer)) list.push(json::Value::object().set("address", endpoint(address, balancer.port)));
    if (isSecured(balancer))
      list.push(
          json::Value::object().set("address", endpoint(address, balancer.tls->port)).set("server", secure.name()));
  }
  return list;
}

json::Value certificateOf(const CertificateState& certificate) {
  auto shown = json::Value::object().set("certificate", certificate.certificate + certificate.intermediates);
  return certificate.host.empty() ? shown : shown.set("host", certificate.host);
}

// The one for every host first.
std::vector<CertificateState> certificatesOf(const LoadBalancerState& balancer) {
  if (!isSecured(balancer)) return {};
  std::vector<CertificateState> all{balancer.tls->certificate};
  all.insert(all.end(), balancer.tls->mappings.begin(), balancer.tls->mappings.end());
  return all;
}

json::Value certificateListOf(const LoadBalancerState& balancer) {
  auto list = json::Value::array();
  for (const auto& certificate : certificatesOf(balancer)) list.push(certificateOf(certificate));
  return list;
}

json::Value throttleOf(const protocol::ThrottleState& throttle) {
  return json::Value::object()
      .set("maxConnections", throttle.most_connections)
      .set("minConnections", throttle.free_connections)
      .set("maxConnectionRate", throttle.most_new)
      .set("rateInterval", static_cast<std::int64_t>(throttle.interval.count()));
}

// nginx knows no IPv4 in IPv6: what is mapped is the IPv4 network.
std::string networkOf(const protocol::AccessRule& rule) {
  const auto& bytes = rule.network.bytes();
  static constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (rule.network.isV6() && rule.prefix >= 96 && std::equal(kMapped.begin(), kMapped.end(), bytes.begin()))
    return fmt::format("{}/{}", NetAddress::fromBytes(std::span(bytes).subspan(12))->str(), rule.prefix - 96);
  return fmt::format("{}/{}", rule.network.str(), rule.prefix);
}

json::Value accessListOf(const LoadBalancerState& balancer) {
  auto list = json::Value::array();
  for (const auto& rule : balancer.access_list)
    list.push(json::Value::object().set("address", networkOf(rule)).set("type", rule.allow ? "ALLOW" : "DENY"));
  return list;
}

bool serves(const NodeState& node, seconds at) {
  const bool over = node.draining && node.draining->count() != 0 && *node.draining <= at;
  return node.enabled && !over;
}

json::Value peersOf(const LoadBalancerState& balancer, seconds at) {
  auto list = json::Value::array();
  for (const auto& node : balancer.nodes)
    if (serves(node, at))
      list.push(json::Value::object()
                    .set("id", node.id)
                    .set("address", endpoint(node.address, node.port))
                    .set("weight", node.weight)
                    .set("backup", node.backup)
                    .set("drain", node.draining.has_value()));
  return list;
}

// What the document does not tell of TLS; certificates, which are long, it does.
json::Value tlsNoteOf(const LoadBalancerState& balancer) {
  return json::Value::object()
      .set("enabled", balancer.tls->enabled)
      .set("port", static_cast<int>(balancer.tls->port))
      .set("secureOnly", balancer.tls->secure_only)
      .set("redirect", balancer.https_redirect);
}

void readTls(const json::Value& note, const json::Value& document, LoadBalancerState& balancer) {
  if (!note) return;
  auto& tls = balancer.tls.emplace();
  tls.enabled = note["enabled"].boolean();
  tls.port = static_cast<std::uint16_t>(note["port"].integer());
  tls.secure_only = note["secureOnly"].boolean();
  balancer.https_redirect = note["redirect"].boolean();
  const auto shown = document["certificates"];
  for (std::size_t i = 0; i < shown.size(); ++i) {
    auto& certificate = i == 0 ? tls.certificate : tls.mappings.emplace_back();
    certificate = {shown[i]["host"].text(), shown[i]["certificate"].text(), {}, {}};
  }
}

// A generation of 0 would make it an ancestor's message, which cannot tell everything.
json::Value noteOf(DeviceState state, seconds at) {
  auto note = json::Value::object();
  auto tls = json::Value::object();
  for (auto& balancer : state.load_balancers) {
    if (!balancer.tls) continue;
    tls.set(nameOf(balancer), tlsNoteOf(balancer));
    balancer.tls.reset();
    balancer.https_redirect = false;
  }
  note.set("tls", tls);
  note.set("generation", static_cast<std::int64_t>(state.generation));
  note.set("at", static_cast<std::int64_t>(at.count()));
  state.generation = 1;
  return note.set("device", protocol::writeStateFile(state));
}

json::Value readNote(const json::Value& document) {
  const auto note = json::parse(document["note"].text());
  return note ? *note : json::Value();
}

bool same(const json::Value& one, const json::Value& other) {
  return one && other && json_equal(one.raw(), other.raw()) == 1;
}

std::map<std::string, json::Value> byName(const json::Value& document) {
  std::map<std::string, json::Value> balancers;
  const auto list = document["loadBalancers"];
  for (std::size_t i = 0; i < list.size(); ++i) balancers[list[i]["id"].text()] = list[i];
  return balancers;
}

}  // namespace

std::string endpoint(const NetAddress& address, std::uint16_t port) { return HostPort{address.str(), port}.str(); }

std::string nameOf(const LoadBalancerState& balancer) {
  const auto protocol = balancer.protocol;
  return balancer.id + (protocol == Protocol::Http ? ".http" : protocol == Protocol::Tcp ? ".tcp" : ".galera");
}

json::Value balancerDocument(const LoadBalancerState& balancer, bool suspended, seconds at) {
  const bool listens = !suspended && !balancer.suspended;
  return json::Value::object()
      .set("id", nameOf(balancer))
      .set("server", classFor(balancer).name())
      .set("algorithm", wordFor(balancer.algorithm))
      .set("persistence", wordFor(balancer.persistence.value_or(defaultPersistence(balancer.protocol))))
      .set("maxFails", kMaxFails)
      .set("failTimeout", kFailTimeout)
      .set("throttle", throttleOf(balancer.throttle.value_or(protocol::ThrottleState{})))
      .set("redirect", balancer.https_redirect && isSecured(balancer) ? static_cast<int>(balancer.tls->port) : 0)
      .set("certificates", certificateListOf(balancer))
      .set("listen", listens ? listenersOf(balancer) : json::Value::array())
      .set("accessList", accessListOf(balancer))
      .set("peers", peersOf(balancer, at));
}

json::Value document(const DeviceState& state, seconds at, std::int64_t revision) {
  auto balancers = json::Value::array();
  for (const auto& balancer : state.load_balancers) balancers.push(balancerDocument(balancer, state.suspended, at));
  return json::Value::object()
      .set("revision", revision)
      .set("note", json::dump(noteOf(state, at)))
      .set("loadBalancers", balancers);
}

void addKeys(json::Value& document, const DeviceState& state) {
  for (std::size_t i = 0; i < state.load_balancers.size(); ++i) {
    const auto certificates = certificatesOf(state.load_balancers[i]);
    for (std::size_t k = 0; k < certificates.size(); ++k)
      if (auto shown = document["loadBalancers"][i]["certificates"][k]; !certificates[k].key.reveal().empty())
        shown.set("key", certificates[k].key.reveal());
  }
}

DeviceState describe(const json::Value& document) {
  const auto note = readNote(document);
  auto read = protocol::readStateFile(json::dump(note["device"]));
  if (!read && note) kLog.warn("what runs has a note that is none of ours: {}", read.error().detail);
  if (!read) return {};
  auto state = *std::move(read);
  state.generation = static_cast<std::uint64_t>(note["generation"].integer());
  const seconds at(note["at"].integer());
  const auto running = byName(document);
  std::erase_if(state.load_balancers, [&](auto& balancer) {
    const auto found = running.find(nameOf(balancer));
    if (found != running.end()) readTls(note["tls"][nameOf(balancer).c_str()], found->second, balancer);
    return found == running.end() || !same(found->second, balancerDocument(balancer, state.suspended, at));
  });
  return state;
}

bool sameContent(const json::Value& one, const json::Value& other) {
  const auto note = readNote(one), other_note = readNote(other);
  return same(one["loadBalancers"], other["loadBalancers"]) && same(note["device"], other_note["device"]) &&
         same(note["tls"], other_note["tls"]) && note["generation"].integer() == other_note["generation"].integer();
}

std::vector<std::string> differences(const json::Value& one, const json::Value& other) {
  const auto here = byName(one), there = byName(other);
  std::set<std::string> names;
  const auto compare = [&](const auto& balancers, const auto& others) {
    for (const auto& [name, balancer] : balancers)
      if (const auto found = others.find(name); found == others.end() || !same(found->second, balancer))
        names.insert(name);
  };
  compare(here, there);
  compare(there, here);
  return {names.begin(), names.end()};
}

}  // namespace libra::sidecar::nginx
