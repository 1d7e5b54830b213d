#include "tests/support/random_state.h"

#include <set>

namespace libra::test {

using namespace protocol;

NetAddress RandomState::address() {
  const auto tail = std::to_string(1 + upTo(65'000));
  return coin() ? NetAddress::fromV4(0x0A000000u + static_cast<std::uint32_t>(upTo(0xFFFFFF)))
                : *NetAddress::parse("fd77::" + tail.substr(0, 4));
}

std::string RandomState::text() {
  static constexpr const char* kPieces[] = {"web", " ", "\n", "\"", "\\", ";", "%[", "ü", "𝛌", "\t", "'"};
  std::string made;
  for (int left = upTo(6); left > 0; --left) made += kPieces[upTo(10)];
  return made;
}

NodeState RandomState::node() {
  NodeState node;
  node.id = std::to_string(++last_id_);
  node.address = address();
  node.port = static_cast<std::uint16_t>(1 + upTo(65'534));
  node.weight = 1 + upTo(255);
  node.enabled = coin();
  if (node.enabled && coin()) node.draining = std::chrono::seconds(upTo(2'000'000'000));
  node.backup = coin();
  node.tls = coin();
  return node;
}

void RandomState::addPolicies(LoadBalancerState& lb) {
  const bool http = lb.protocol == Protocol::Http;
  lb.suspended = coin();
  lb.connection_logging = coin();
  lb.half_closed = !http && coin();
  lb.proxy_protocol = coin();
  lb.forwarded = {coin(), coin(), coin()};
  if (coin()) lb.throttle = {upTo(100'000), upTo(1000), upTo(100'000), std::chrono::seconds(1 + upTo(3599))};
  if (http && coin()) lb.error_page = "<p>\"sorry\"; %[src] #1\r\n" + text();
  std::set<NetAddress> seen;
  for (int left = upTo(5); left > 0; --left)
    if (const auto network = address(); seen.insert(network).second)
      lb.access_list.push_back({network, network.isV6() ? 128 : 32, coin()});
  if (coin()) lb.access_list.push_back({*NetAddress::parse("0.0.0.0"), 0, false});
}

void RandomState::addTls(LoadBalancerState& lb) {
  const auto certificate = [this](const char* host) {
    CertificateState made{host, "-----BEGIN CERTIFICATE-----\n" + std::to_string(upTo(9999)), "", {}};
    if (coin()) made.intermediates = "-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n";
    made.key = Secret("-----BEGIN PRIVATE KEY-----\n" + std::to_string(upTo(9999)));
    return made;
  };
  if (coin()) lb.node_tls = {coin(), coin() ? "" : "-----BEGIN CERTIFICATE-----\n", coin() ? "" : "node.example"};
  if (lb.protocol == Protocol::Galera || coin()) return;
  const auto port = static_cast<std::uint16_t>(lb.port + 3'000);  // load balancers' own ports are close together
  lb.tls = TlsState{coin(), port, coin(), certificate(""), {}};
  if (coin()) lb.tls->mappings = {certificate("*.a.example"), certificate("b.example")};
  lb.https_redirect = lb.protocol == Protocol::Http && lb.tls->enabled && coin();
}

LoadBalancerState RandomState::loadBalancer(Protocol protocol, int most_nodes) {
  LoadBalancerState lb;
  lb.id = std::to_string(++last_id_);
  lb.name = text();
  lb.protocol = protocol;
  lb.port = static_cast<std::uint16_t>(last_id_ % 60'000 + 1);
  static constexpr Algorithm kAlgorithms[] = {Algorithm::RoundRobin, Algorithm::LeastConnections, Algorithm::Random,
                                              Algorithm::WeightedRoundRobin, Algorithm::WeightedLeastConnections};
  lb.algorithm = kAlgorithms[upTo(4)];
  lb.options = {std::chrono::milliseconds(upTo(1'000'000)), std::chrono::milliseconds(upTo(1'000'000)),
                std::chrono::milliseconds(upTo(1'000'000)), upTo(256)};
  const int delay = 1 + upTo(3599);
  lb.monitor = {coin() ? MonitorType::Connect : MonitorType::Http, std::chrono::seconds(delay),
                std::chrono::seconds(1 + upTo(delay - 1)), 1 + upTo(9), coin() ? "/" : "/health?a=%20b&c"};
  if (coin()) lb.monitor.type = MonitorType::Https;
  if (coin()) lb.monitor.host = "www.example.com";
  if (coin()) lb.monitor.status_regex = "^2|3 4;#\"'\\\\%[src]$";
  if (coin()) lb.monitor.body_regex = "^ok \n|ü{1,3}";
  static constexpr std::optional<Persistence> kPersistence[] = {std::nullopt, Persistence::None, Persistence::SourceIp,
                                                                Persistence::HttpCookie};
  lb.persistence = kPersistence[upTo(protocol == Protocol::Http ? 3 : 2)];
  for (int left = upTo(2); left > 0; --left) lb.addresses.push_back(address());
  for (int left = upTo(most_nodes); left > 0; --left) lb.nodes.push_back(node());
  if (protocol == Protocol::Galera)
    for (std::size_t i = 0; i < lb.nodes.size(); ++i) lb.nodes[i].backup = i != 0;
  return lb;
}

DeviceState RandomState::device(int most_load_balancers, int most_nodes) {
  static constexpr Protocol kProtocols[] = {Protocol::Http, Protocol::Tcp, Protocol::Galera};
  DeviceState state;
  state.generation = 1 + random_() % 0x7FFFFFFFFFFFFFFF;
  for (int left = upTo(most_load_balancers); left > 0; --left) {
    auto& lb = state.load_balancers.emplace_back(loadBalancer(kProtocols[upTo(2)], most_nodes));
    addPolicies(lb);
    addTls(lb);
  }
  std::set<NetAddress> seen;
  for (int left = upTo(3); left > 0; --left) {
    const auto vip = address();
    if (seen.insert(vip).second)
      state.virtual_ips.push_back(
          {vip, 1 + upTo(vip.isV6() ? 127 : 31), random_() % 0x7FFFFFFFFFFFFFFF, random_() % 2 == 0 ? "" : "Y2xhaW0="});
  }
  state.suspended = coin();
  return state;
}

DeviceState RandomState::ancestorsDevice() {
  DeviceState state;
  for (const auto protocol : {Protocol::Http, Protocol::Tcp, Protocol::Galera})
    if (coin()) state.load_balancers.push_back(loadBalancer(protocol, 10));
  for (auto& lb : state.load_balancers) {
    lb.id.clear();
    lb.addresses.clear();
    lb.persistence.reset();
    if (lb.monitor.type == MonitorType::Https) lb.monitor.type = MonitorType::Http;
    lb.monitor.host = lb.monitor.status_regex = lb.monitor.body_regex = "";
    lb.algorithm = coin() ? Algorithm::RoundRobin : Algorithm::LeastConnections;
    for (auto& node : lb.nodes) {
      node.enabled = true;
      node.draining.reset();
      node.tls = false;
    }
  }
  return state;
}

}  // namespace libra::test
