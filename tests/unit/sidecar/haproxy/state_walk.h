#pragma once

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "sidecar/haproxy/wanted.h"
#include "tests/support/certificates.h"
#include "tests/support/device_states.h"

namespace libra::test {

// A few per load balancer, none of them another's.
inline const std::vector<protocol::CertificateState>& certificatesOf(const std::string& balancer) {
  static const Certificates kAuthority;
  static std::map<std::string, std::vector<protocol::CertificateState>> made;
  auto& own = made[balancer];
  while (own.size() < 3) own.push_back(kAuthority.make());
  return own;
}
inline const std::string& authority() {
  static const std::string kPem = Certificates().authority();
  return kPem;
}

// States from small pools, so that neighbours on a walk have much in common.
class Walk {
 public:
  explicit Walk(std::uint64_t seed) : random_(seed) {}

  int below(int bound) { return std::uniform_int_distribution<int>(0, bound - 1)(random_); }
  bool oneIn(int n) { return below(n) == 0; }

  protocol::DeviceState next(const protocol::DeviceState& from) {
    protocol::DeviceState state = from;
    state.generation = from.generation + 1;
    state.suspended = oneIn(10);
    auto& balancers = state.load_balancers;
    std::erase_if(balancers, [&](auto&) { return oneIn(5); });
    for (auto& balancer : balancers)
      if (oneIn(2)) change(balancer);
    while (balancers.size() < sidecar::haproxy::kMaxLoadBalancers && oneIn(2)) balancers.push_back(fresh());
    removeClashes(balancers);
    return state;
  }

 private:
  template <typename T>
  T oneOf(std::initializer_list<T> values) {
    return *(values.begin() + below(static_cast<int>(values.size())));
  }

  protocol::LoadBalancerState fresh() {
    auto balancer = aBalancer(std::to_string(1 + below(12)), 80, {});
    for (int i = 0; i < 8; ++i) change(balancer);
    return balancer;
  }

  void change(protocol::LoadBalancerState& b) {
    using std::chrono::seconds;
    switch (below(15)) {
      case 0:
        b.protocol = oneOf({Protocol::Http, Protocol::Tcp, Protocol::Galera});
        break;
      case 1:
        b.port = oneOf<std::uint16_t>({80, 443, 3306});
        break;
      case 2:
        b.addresses.clear();
        for (int i = 1; i < 4; ++i)
          if (oneIn(2)) b.addresses.push_back(*NetAddress::parse("fd77::" + std::to_string(i)));
        break;
      case 3:
        b.algorithm = oneOf({Algorithm::RoundRobin, Algorithm::LeastConnections, Algorithm::Random,
                             Algorithm::WeightedRoundRobin, Algorithm::WeightedLeastConnections});
        break;
      case 4:
        b.options.retries = oneOf({0, 3, 200});
        b.options.server_timeout = b.options.client_timeout = b.options.connect_timeout =
            oneOf({seconds(0), seconds(4), seconds(30), seconds(100)});
        break;
      case 5:
        b.monitor = {oneOf({MonitorType::Connect, MonitorType::Http}), oneOf({seconds(5), seconds(30)}), seconds(5),
                     oneOf({2, 3}), oneOf({"/", "/health;|x"})};
        break;
      case 6:
        b.persistence = oneOf<std::optional<Persistence>>(
            {std::nullopt, Persistence::None, Persistence::SourceIp, Persistence::HttpCookie});
        break;
      case 7:
        changePolicies(b);
        break;
      case 8:
        b.access_list.clear();
        for (const char* network : {"0.0.0.0", "10.0.0.0", "10.1.0.0", "fd77::"})
          if (oneIn(2)) b.access_list.push_back({*NetAddress::parse(network), network[1] == '.' ? 0 : 17, oneIn(2)});
        break;
      case 9:
        b.error_page = oneOf<std::optional<std::string>>({std::nullopt, "sorry", "<p>\n\n100%;|x"});
        break;
      case 10:
        changeTls(b);
        break;
      case 11:
        b.node_tls = {oneIn(2), oneIn(2) ? authority() : "", oneIn(2) ? "node.example" : ""};
        break;
      default:
        changeNodes(b);
    }
    if (b.protocol == Protocol::Galera) b.tls.reset();
    if (b.tls && b.tls->port == b.port) b.tls->port = 8443;
    b.https_redirect = b.https_redirect && b.tls && b.tls->enabled && b.protocol == Protocol::Http;
    if (b.protocol == Protocol::Http) b.half_closed = false;
    if (b.protocol != Protocol::Http && b.persistence == Persistence::HttpCookie) b.persistence.reset();
    if (b.protocol == Protocol::Galera) onePrimary(b);
  }

  void changePolicies(protocol::LoadBalancerState& b) {
    using std::chrono::seconds;
    b.suspended = oneIn(3);
    b.connection_logging = oneIn(2);
    b.half_closed = oneIn(3);
    b.proxy_protocol = oneIn(2);
    b.forwarded = {oneIn(2), oneIn(2), oneIn(2)};
    b.throttle.reset();
    if (oneIn(2)) b.throttle = {oneOf({0, 7}), oneOf({0, 3}), oneOf({0, 20}), oneOf({seconds(1), seconds(7)})};
  }

  void changeTls(protocol::LoadBalancerState& b) {
    const auto certificate = [&](const char* host) {
      auto made = certificatesOf(b.id)[static_cast<std::size_t>(below(3))];
      made.host = host;
      if (oneIn(3)) made.intermediates = authority();
      return made;
    };
    b.tls.reset();
    b.https_redirect = oneIn(3);
    if (oneIn(4)) return;
    b.tls = {!oneIn(5), oneOf<std::uint16_t>({443, 8443}), oneIn(3), certificate(""), {}};
    for (const char* host : {"a.example", "*.b.example"})
      if (oneIn(2)) b.tls->mappings.push_back(certificate(host));
  }

  void changeNodes(protocol::LoadBalancerState& b) {
    using std::chrono::seconds;
    std::erase_if(b.nodes, [&](auto&) { return oneIn(4); });
    for (auto& node : b.nodes) {
      if (oneIn(4)) node.enabled = !node.enabled;
      if (oneIn(4)) node.draining = oneOf<std::optional<seconds>>({std::nullopt, seconds(0), seconds(1), seconds(9)});
      if (oneIn(4)) node.backup = !node.backup;
      if (oneIn(4)) node.weight = oneOf({1, 2, 256});
      if (oneIn(4)) node.tls = !node.tls;
      if (oneIn(8)) node.port = oneOf<std::uint16_t>({8080, 8081});
    }
    const auto id = std::to_string(1 + below(8));
    const auto taken = std::any_of(b.nodes.begin(), b.nodes.end(), [&](const auto& node) { return node.id == id; });
    if (!taken) b.nodes.push_back(aNode(id, 8080, "10.0.0." + id));
  }

  void onePrimary(protocol::LoadBalancerState& b) {
    const int primary = b.nodes.empty() ? 0 : below(static_cast<int>(b.nodes.size()));
    for (std::size_t i = 0; i < b.nodes.size(); ++i) b.nodes[i].backup = static_cast<int>(i) != primary;
    for (auto& node : b.nodes) node.draining.reset();
  }

  void removeClashes(std::vector<protocol::LoadBalancerState>& balancers) {
    std::set<std::string> taken;
    std::erase_if(balancers, [&](const auto& balancer) {
      std::vector<std::string> keys{"id " + balancer.id};
      for (const auto& [key, way] : sidecar::haproxy::waysTo(balancer, "")) keys.push_back(key);
      for (const auto& key : keys)
        if (taken.count(key)) return true;
      taken.insert(keys.begin(), keys.end());
      return false;
    });
  }

  std::mt19937_64 random_;
};

}  // namespace libra::test
