// Create → first answer through the VIP → delete, on the Libra that `make run` started;
// beside the ancestor's 300 ms and what nothing of this shape can be faster than.

#include <cstdio>
#include <thread>

#include "bench/floor.h"
#include "bench/running_libra.h"
#include "bench/samples.h"
#include "tests/options/program_options.h"
#include "tests/traffic/http_probe.h"

namespace libra::bench {
namespace {

constexpr double kAncestorMs = 300;  // Stackforge Libra's provisioning time (HP, 2013)

// When the first 200 came through the VIP, asked for from the client's namespace.
double firstAnswerMs(const std::string& netns, const std::string& vip) {
  double at = 0;
  std::thread([&] {
    if (!traffic::enterNetns(netns)) die("network namespace " + netns);
    const traffic::HttpProbe probe(*NetAddress::parse(vip), 80);
    const double give_up = nowMs() + 10'000;
    while (probe.get().status != 200)
      if (nowMs() > give_up) die("no answer through " + vip + " within 10 s");
    at = nowMs();
  }).join();
  return at;
}

struct Cycles {
  Samples answered, serving, removed, pool_wait;
};

void cycle(RunningLibra& libra, int spares, Cycles& cycles) {
  const double waited = nowMs();
  libra.waitForPool(spares);
  const double start = nowMs();
  cycles.pool_wait.add(start - waited);
  const auto made = libra.create("bench");
  cycles.answered.add(made.answered_ms - start);
  cycles.serving.add(firstAnswerMs(libra.client_netns, libra.vipOf(made.id)) - start);
  const double removing = nowMs();
  libra.removeAndWait(made.id);
  cycles.removed.add(nowMs() - removing);
}

// As many as the pool gives without waiting between them, then waiting for spares.
void backToBack(RunningLibra& libra, int count) {
  Samples serving;
  std::vector<std::string> ids;
  const double begin = nowMs();
  for (int i = 0; i < count; ++i) {
    const double start = nowMs();
    auto made = libra.tryCreate("bench");
    while (!made) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      made = libra.tryCreate("bench");
    }
    serving.add(firstAnswerMs(libra.client_netns, libra.vipOf(made->id)) - start);
    ids.push_back(made->id);
  }
  const double took = nowMs() - begin;
  printRow(std::to_string(count) + " creates back to back, pool included", serving);
  std::printf("  %-50s %9.0f ms in all\n", "", took);
  for (const auto& id : ids) libra.removeAndWait(id);
}

void run(int count, int spares, const FloorOptions& floor_options) {
  RunningLibra libra;
  libra.waitForPool(spares);
  const Floor floor = measureFloor(floor_options);
  const auto before = libra.phases();
  Cycles cycles;
  for (int i = 0; i < count; ++i) cycle(libra, spares, cycles);

  printHeader("provisioning, one kept TLS connection to the API");
  printRow("POST until 202", cycles.answered);
  printRow("POST until the first 200 through the VIP", cycles.serving);
  printRow("DELETE until gone", cycles.removed);
  printRow("waiting for the pool between cycles", cycles.pool_wait);
  backToBack(libra, 20);
  printPhases(before, libra.phases());
  printHeader("the floor, in the same run");
  printRow("one durable commit", floor.commit);
  printRow("one Gearman round trip through verified TLS", floor.job);
  printRow("bare runtime commands until the first answer", floor.runtime);
  const double ours = cycles.serving.quantile(0.5);
  const double bare = floor.commit.quantile(0.5) + floor.job.quantile(0.5) + floor.runtime.quantile(0.5);
  std::printf("p50 %.1f ms: the ancestor's 300 ms / %.1f, the floor's %.1f ms x %.1f\n", ours, kAncestorMs / ours, bare,
              ours / bare);
}

}  // namespace
}  // namespace libra::bench

int main(int argc, char** argv) {
  int cycles = 200, spares = 3;
  libra::bench::FloorOptions floor;
  libra::ProgramOptions given("Measures provisioning on a running Libra (make run; . run/env)");
  given.take("--cycles", cycles, "create-serve-delete cycles");
  given.take("--spares", spares, "size of the pool to wait for between cycles");
  given.need("--database-socket", floor.database_socket);
  given.need("--schema", floor.schema, "an empty database for the floor's commits");
  given.need("--netns", floor.netns, "the controller's namespace");
  given.need("--job-server", floor.job_server);
  given.need("--ca", floor.ca);
  given.need("--certificate", floor.certificate);
  given.need("--key", floor.key);
  given.need("--device", floor.device, "a spare");
  given.need("--nodes-netns", floor.node_netns_client);
  given.need("--node1", floor.node1);
  given.need("--node2", floor.node2);
  if (const auto code = given.read(argc, argv)) return *code;
  libra::bench::run(cycles, spares, floor);
}
