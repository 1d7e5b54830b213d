// What a slot costs: HAProxy's own processor time per request through a slot of ours,
// against a plain hand-written configuration of the same load balancer, in alternating pairs.

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <optional>

#include "bench/own_haproxy.h"
#include "bench/pairs.h"
#include "bench/running_libra.h"
#include "bench/written_config.h"
#include "lib/log/log.h"
#include "tests/options/program_options.h"
#include "tests/traffic/patient_backend.h"

namespace libra::bench {
namespace {

constexpr double kBudget = 0.03;
// Two processes of one configuration differ by a per cent for as long as they live, so that a ratio is one of several.
constexpr int kPairsOfAProcess = 7;

protocol::LoadBalancerState balancer(const std::string& id, std::uint16_t port, std::uint16_t backend) {
  protocol::LoadBalancerState lb;
  lb.id = id;
  lb.port = port;
  lb.persistence = Persistence::None;
  for (const char* node : {"1", "2"}) lb.nodes.push_back({node, *NetAddress::parse("127.0.0.1"), backend});
  return lb;
}

protocol::DeviceState oneBalancer(std::uint16_t port, std::uint16_t backend) {
  return {1, {balancer("1", port, backend)}, {}, false};
}

// The one at the last of `ports` has the slot after those of the others.
protocol::DeviceState lastOf(const std::vector<std::uint16_t>& ports, std::uint16_t backend) {
  protocol::DeviceState state{1, {}, {}, false};
  for (const auto port : ports)
    state.load_balancers.push_back(balancer(std::to_string(state.load_balancers.size() + 1), port, backend));
  return state;
}

// A HAProxy of ours; the load balancer that is measured came after the others.
class Slot {
 public:
  Slot(int others, std::uint16_t backend) : ports_(static_cast<std::size_t>(others) + 1) {
    std::ranges::generate(ports_, freePort);
    const auto config = ownConfig(folder_, ports_);
    haproxy_.emplace(std::vector<std::string>{"-db", "-f", config.directory + "/haproxy.cfg"}, config.stats_socket);
    const SystemClock clock;
    const auto driver = sidecar::makeDriver("haproxy", config, clock);
    if (!driver) die(driver.error().detail);
    if (const auto applied = (*driver)->apply(lastOf(ports_, backend)); !applied) die(applied.error().detail);
  }

  Contender contender() const {
    return {"slot", ports_.back(), [this] { return haproxy_->cpuMicros(); }};
  }

 private:
  Folder folder_;
  std::vector<std::uint16_t> ports_;
  std::optional<OwnHaproxy> haproxy_;
};

// A HAProxy with a configuration that somebody wrote for that load balancer.
class Plain {
 public:
  explicit Plain(std::uint16_t backend) {
    const auto socket = folder_ / "plain.sock";
    std::ofstream(folder_ / "plain.cfg") << writtenConfig(oneBalancer(port_, backend), socket);
    haproxy_.emplace(std::vector<std::string>{"-db", "-f", folder_ / "plain.cfg"}, socket);
  }

  Contender contender() const {
    return {"plain", port_, [this] { return haproxy_->cpuMicros(); }};
  }

 private:
  Folder folder_;
  std::uint16_t port_ = freePort();
  std::optional<OwnHaproxy> haproxy_;
};

int run(int pairs, int others, const Load& load) {
  const traffic::PatientBackend slot_node(std::chrono::milliseconds(0)), plain_node(std::chrono::milliseconds(0));
  Pairs measured(load);
  for (int left = pairs; left > 0; left -= kPairsOfAProcess) {
    const Slot slot(others, slot_node.port());
    const Plain plain(plain_node.port());
    std::fprintf(stderr, "  %d of %d pairs\n", pairs - left, pairs);
    measured.measure(slot.contender(), plain.contender(), std::min(left, kPairsOfAProcess));
  }
  const double reuse = 1 - static_cast<double>(slot_node.connections()) /
                               static_cast<double>(std::max<std::uint64_t>(slot_node.requests(), 1));
  std::printf("%d pairs of %lld ms, %d kept connections, new processes after each %d pairs\n", pairs,
              static_cast<long long>(load.length.count()), load.clients, kPairsOfAProcess);
  const auto comparison = measured.comparison();
  print(comparison, "slot", "plain");
  std::printf("  connections to the nodes used again: %.2f %%\n", 100 * reuse);
  const bool good = comparison.low - 1 <= kBudget && reuse > 0.99;
  std::printf("%s: at most %.0f %% more CPU, more than 99 %% used again\n", good ? "held" : "NOT HELD", 100 * kBudget);
  return good ? 0 : 1;
}

}  // namespace
}  // namespace libra::bench

int main(int argc, char** argv) {
  int pairs = 21, clients = 16, length = 500, others = 2;
  libra::ProgramOptions given("Measures what a slot costs against a plain configuration");
  given.takeBetween(15, 1000, "--pairs", pairs);
  given.take("--clients", clients);
  given.takeBetween(1, 10, "--others", others, "load balancers that came before, in the second half");
  given.take("--ms", length, "of each half of a pair");
  if (const auto code = given.read(argc, argv)) return *code;
  libra::log::setLevel(libra::log::Level::Error);  // each slot has no steering on purpose
  const libra::bench::Load load{libra::traffic::Habit::Kept, clients, std::chrono::milliseconds(length)};
  std::printf("the first load balancer of a device:\n");
  const int first = libra::bench::run(pairs, 0, load);
  std::printf("one that came after %d:\n", others);
  return std::max(first, libra::bench::run(pairs, others, load));
}
