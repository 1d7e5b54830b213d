// The same eight changes by our driver at run time and by a hitless reload (master-worker,
// listeners handed over, option idle-close-on-response), under the same load in one run.

#include <signal.h>

#include <fstream>

#include "bench/contest.h"
#include "bench/own_haproxy.h"
#include "bench/running_libra.h"
#include "bench/written_config.h"
#include "tests/options/program_options.h"
#include "tests/traffic/patient_backend.h"

namespace libra::bench {
namespace {

using protocol::DeviceState;

Outcome byOurDriver(std::uint16_t backend, int nodes, int rounds) {
  const Folder folder;
  const Ports ports{freePort(), freePort()};
  const auto config = ownConfig(folder, {ports.first, ports.second});
  const OwnHaproxy proxy({"-db", "-f", config.directory + "/haproxy.cfg"}, config.stats_socket);
  const SystemClock clock;
  const auto driver = sidecar::makeDriver("haproxy", config, clock);
  if (!driver) die(driver.error().detail);
  const Way way = [&](const DeviceState& state) {
    if (const auto applied = (*driver)->apply(state); !applied) die(applied.error().detail);
  };
  Balancers balancers(ports, backend, nodes);
  balancers.state.generation = 1;
  way(balancers.state);
  return measure(way, balancers, allChanges(), rounds);
}

// The reload is over when the new worker answers at the stats socket.
Outcome byReload(std::uint16_t backend, int nodes, int rounds) {
  const Folder folder;
  const Balancers balancers({freePort(), freePort()}, backend, nodes);
  const auto file = folder / "haproxy.cfg", socket = folder / "stats.sock";
  const auto write = [&](const DeviceState& state) { std::ofstream(file) << writtenConfig(state, socket); };
  write(balancers.state);
  const OwnHaproxy proxy({"-W", "-db", "-f", file}, socket);
  const Way way = [&](const DeviceState& state) {
    const auto before = proxy.serving();
    write(state);
    ::kill(proxy.pid(), SIGUSR2);
    const auto replaced = [&, now = before]() mutable { return (now = proxy.serving()) != before && now != 0; };
    waitUntil(replaced, "haproxy was not reloaded");
  };
  return measure(way, balancers, allChanges(), rounds);
}

}  // namespace
}  // namespace libra::bench

int main(int argc, char** argv) {
  int nodes = 50, rounds = 5;
  libra::ProgramOptions given("Measures changes at run time against hitless reloads");
  given.take("--nodes", nodes, "of the load balancer that is changed");
  given.take("--rounds", rounds, "of all eight changes");
  if (const auto code = given.read(argc, argv)) return *code;
  using namespace libra::bench;
  const libra::traffic::PatientBackend backend(std::chrono::milliseconds(2));
  const auto ours = byOurDriver(backend.port(), nodes, rounds);
  print(ours, byReload(backend.port(), nodes, rounds));
  return ours.failed == 0 ? 0 : 1;
}
