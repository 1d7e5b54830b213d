// What a slot costs: HAProxy's own processor time per request through a slot of ours,
// against a plain hand-written configuration of the same load balancer, in alternating pairs.

#include <algorithm>
#include <cstdio>
#include <fstream>

#include "bench/own_haproxy.h"
#include "bench/pairs.h"
#include "bench/running_libra.h"
#include "bench/written_config.h"
#include "tests/options/program_options.h"
#include "tests/traffic/patient_backend.h"

namespace libra::bench {
namespace {

constexpr double kBudget = 0.03;

protocol::DeviceState oneBalancer(std::uint16_t port, std::uint16_t backend) {
  protocol::LoadBalancerState lb;
  lb.id = "1";
  lb.port = port;
  lb.persistence = Persistence::None;
  for (const char* id : {"1", "2"}) lb.nodes.push_back({id, *NetAddress::parse("127.0.0.1"), backend});
  return {1, {lb}, {}, false};
}

int run(int pairs, const Load& load) {
  const traffic::PatientBackend slot_node(std::chrono::milliseconds(0)), plain_node(std::chrono::milliseconds(0));
  const Folder folder;
  const auto slot_port = freePort(), plain_port = freePort();
  const auto config = ownConfig(folder, {slot_port});
  const OwnHaproxy slot({"-db", "-f", config.directory + "/haproxy.cfg"}, config.stats_socket);
  const SystemClock clock;
  const auto driver = sidecar::makeDriver("haproxy", config, clock);
  if (!driver) die(driver.error().detail);
  if (const auto applied = (*driver)->apply(oneBalancer(slot_port, slot_node.port())); !applied)
    die(applied.error().detail);
  const auto socket = folder / "plain.sock";
  std::ofstream(folder / "plain.cfg") << writtenConfig(oneBalancer(plain_port, plain_node.port()), socket);
  const OwnHaproxy plain({"-db", "-f", folder / "plain.cfg"}, socket);

  const Contender ours{"slot", slot_port, [&] { return slot.cpuMicros(); }};
  const Contender theirs{"plain", plain_port, [&] { return plain.cpuMicros(); }};
  const auto comparison = comparePairs(ours, theirs, pairs, load);
  const double reuse = 1 - static_cast<double>(slot_node.connections()) /
                               static_cast<double>(std::max<std::uint64_t>(slot_node.requests(), 1));
  std::printf("%d pairs of %lld ms, %d kept connections\n", pairs, static_cast<long long>(load.length.count()),
              load.clients);
  print(comparison, ours, theirs);
  std::printf("  connections to the nodes used again: %.2f %%\n", 100 * reuse);
  const bool good = comparison.low - 1 <= kBudget && reuse > 0.99;
  std::printf("%s: at most %.0f %% more CPU, more than 99 %% used again\n", good ? "held" : "NOT HELD", 100 * kBudget);
  return good ? 0 : 1;
}

}  // namespace
}  // namespace libra::bench

int main(int argc, char** argv) {
  int pairs = 21, clients = 16, length = 500;
  libra::ProgramOptions given("Measures what a slot costs against a plain configuration");
  given.takeBetween(15, 1000, "--pairs", pairs);
  given.take("--clients", clients);
  given.take("--ms", length, "of each half of a pair");
  if (const auto code = given.read(argc, argv)) return *code;
  return libra::bench::run(pairs, {libra::traffic::Habit::Kept, clients, std::chrono::milliseconds(length)});
}
