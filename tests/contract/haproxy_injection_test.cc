// No text of a tenant becomes configuration or a command of HAProxy, whatever is in it and
// wherever it stands: it is refused, or it is there as itself and nothing else is.

#include "tests/contract/driver_contract.h"
#include "tests/contract/haproxy_world.h"
#include "tests/support/certificates.h"

namespace libra::sidecar {
namespace {

using namespace libra::test;
using protocol::LoadBalancerState;

const std::string kHostile[] = {
    "x\nshutdown sessions server s1_http_rr_connect/n501-30s2",
    "x\r\n\r\ndel map vip.map *:80",
    "x; disable frontend catalogue",
    "x\\; disable frontend catalogue",
    "x \"quoted\" 'single' \\",
    "x # comment",
    "%[src] %[env(HOME)] %{+Q}o ${HOME} $HOME %%",
    std::string("x\0; quit", 9),
    "x <<\nset map\n\n",
    "|s2_http_rr_connect|0|/|cookie|lb=16",
    "-f /etc/passwd",
    "\xc3\xbc\xff\xfe\x7f\x1b[31m",
    std::string(16'384, 'a'),
    std::string(16'384, ';'),
    std::string(5'000, '\n') + "x",
    "",
};

struct Place {
  const char* name;
  void (*put)(LoadBalancerState& balancer, const std::string& text);
};

// At the port of nobody else.
protocol::TlsState& secured(LoadBalancerState& balancer) {
  static const Certificates kCertificates;
  balancer.tls = aTermination(static_cast<std::uint16_t>(0), kCertificates.make());
  balancer.tls->mappings = {kCertificates.make("b.example")};
  return *balancer.tls;
}

const Place kPlaces[] = {
    {"load balancer id", [](LoadBalancerState& b, const std::string& text) { b.id = text; }},
    {"load balancer name", [](LoadBalancerState& b, const std::string& text) { b.name = text; }},
    {"node id", [](LoadBalancerState& b, const std::string& text) { b.nodes[0].id = text; }},
    {"monitor path", [](LoadBalancerState& b, const std::string& text) { b.monitor.path = "/" + text; }},
    {"host of a certificate",
     [](LoadBalancerState& b, const std::string& text) { secured(b).mappings[0].host = text; }},
    {"certificate", [](LoadBalancerState& b, const std::string& text) { secured(b).certificate.certificate += text; }},
    {"chain", [](LoadBalancerState& b, const std::string& text) { secured(b).certificate.intermediates = text; }},
    {"private key",
     [](LoadBalancerState& b, const std::string& text) {
       auto& key = secured(b).certificate.key;
       key = Secret(key.reveal() + text);
     }},
    {"host of nodes", [](LoadBalancerState& b, const std::string& text) { b.node_tls.host = text; }},
    {"authority of nodes",
     [](LoadBalancerState& b, const std::string& text) {
       b.node_tls = {true, text, ""};
       b.nodes.push_back(aNode("502", 9));
       b.nodes[1].tls = true;
       b.nodes[1].backup = true;
     }},
    {"error page", [](LoadBalancerState& b, const std::string& text) { b.error_page = text; }},
};

class HaproxyInjection : public HaproxyWorld {
 protected:
  std::size_t lines(const std::string& command) {
    const auto answer = ask(command);
    return static_cast<std::size_t>(std::count(answer.begin(), answer.end(), '\n'));
  }
};

TEST_F(HaproxyInjection, AHostileTextIsRefusedOrIsNothingButItself) {
  const auto neighbour = aBalancer("16", proxy_.port(1), {b()});
  std::uint64_t generation = 1;
  apply(aDevice(generation, {neighbour}));
  const auto pid = proxy_.pid();
  for (const auto& place : kPlaces)
    for (const auto& text : kHostile) {
      SCOPED_TRACE(std::string(place.name) + ": " + testing::PrintToString(text.substr(0, 60)));
      auto balancer = aBalancer("15", proxy_.port(), {a()});
      place.put(balancer, text);
      if (balancer.tls) balancer.tls->port = proxy_.port(2);
      const auto wanted = aDevice(++generation, {balancer, neighbour});
      const auto applied = driver_->apply(wanted);
      EXPECT_EQ(static_cast<bool>(driver_->writeColdStart(wanted)), static_cast<bool>(applied));
      ASSERT_EQ(driver_->live()->load_balancers.size(), applied ? 2u : 1u);
      EXPECT_EQ(httpGet(proxy_.port(1)).firstLine(), "b");
      EXPECT_EQ(httpGet(proxy_.port()).firstLine(), applied ? "a" : "");
      const auto ways = 1u + (applied ? 1u : 0u) + (applied && balancer.tls ? 1u : 0u);
      EXPECT_EQ(lines("show map vip.map") + 1, ways) << ask("show map vip.map");
      apply(aDevice(++generation, {neighbour}));
      (void)driver_->tick();
      ASSERT_EQ(*driver_->live(), comparable(aDevice(generation, {neighbour})));
      ASSERT_EQ(proxy_.pid(), pid);
    }
}

}  // namespace
}  // namespace libra::sidecar
