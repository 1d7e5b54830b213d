// False verdicts on a fleet of devices that never die, in simulated time, by the real
// verdict code: packets lost one by one, and in bursts.

#include <cstdio>

#include "bench/samples.h"
#include "tests/options/program_options.h"
#include "tests/simulation/detection.h"

namespace {

using libra::simulation::Tally;

void print(const char* what, const Tally& tally, double began) {
  std::printf("%-44s %12lld %12lld %10lld %8.1f\n", what, static_cast<long long>(tally.beats),
              static_cast<long long>(tally.events), static_cast<long long>(tally.verdicts),
              (libra::bench::nowMs() - began) / 1e3);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  namespace simulation = libra::simulation;
  int hours = 24;
  simulation::Fleet fleet;
  libra::ProgramOptions given("False verdicts by lost packets, in simulated time");
  given.take("--hours", hours, "of simulated time");
  given.take("--devices", fleet.devices);
  given.take("--seed", fleet.seed);
  if (const auto code = given.read(argc, argv)) return *code;
  fleet.time = std::chrono::hours(hours);

  std::printf("%d devices for %d h, seed %llu\n", fleet.devices, hours, static_cast<unsigned long long>(fleet.seed));
  std::printf("%-44s %12s %12s %10s %8s\n", "", "beats", "losses", "verdicts", "took s");
  for (const double loss : {0.001, 0.01, 0.05}) {
    char what[64];
    std::snprintf(what, sizeof what, "%.1f %% of all packets lost", 100 * loss);
    const double began = libra::bench::nowMs();
    print(what, simulation::independentLoss(fleet, loss), began);
  }
  double began = libra::bench::nowMs();
  print("bursts (0.1 %, mean 100 ms) at the watcher", simulation::burstsAtTheWatcher(fleet, {}), began);
  began = libra::bench::nowMs();
  print("the same at devices: their clients see them", simulation::burstsAtDevices(fleet, {}), began);
}
