// How long a client is without an answer when the device that serves it fails, on the Libra
// that `make run` started; with --peers, run by run beside a keepalived pair.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <thread>

#include "bench/faults.h"
#include "bench/running_libra.h"
#include "bench/samples.h"
#include "tests/options/program_options.h"
#include "tests/traffic/steady_client.h"

namespace libra::bench {
namespace {

using traffic::SteadyClient;

constexpr const char* kHealing = "libra_failover_duration_seconds";

struct Options {
  int rounds = 10, peer_rounds = 0;  // 0: as many
  std::string run, prefix, peers;
  std::vector<std::string> cases, adverts{"0.05", "0.1", "1"};
};

struct Row {
  Samples gaps;
  Samples failed;
};

// What the next start of the proxy reads is written a moment after the answer.
void waitForColdStart(const Victim& victim, const std::string& vip) {
  const auto file = victim.run + "/devices/" + victim.name + "/haproxy/current/vip.map";
  for (int i = 0; i < 2000; ++i) {
    std::ifstream in(file);
    const std::string text((std::istreambuf_iterator<char>(in)), {});
    if (text.find(vip) != std::string::npos) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  die("device " + victim.name + " wrote no cold start");
}

void measure(RunningLibra& libra, const Options& options, Fault fault, Row& row) {
  libra.waitForPool(2);
  const auto lb = libra.create("bench-failover").id;
  const auto vip = libra.vipOf(lb);
  libra.waitUntilActive(lb);
  const Victim victim{options.run, options.prefix, libra.deviceOf(lb)};
  waitForColdStart(victim, vip);
  SteadyClient client(*NetAddress::parse(vip), 80, {.netns = libra.client_netns});
  if (!client.waitForAnswers(40 + std::rand() % 20)) die("no traffic through " + vip);
  const auto struck = SteadyClient::Instant::clock::now();
  strike(victim, fault);
  if (!client.waitForFailures(1) || !client.waitForAnswers(160)) die("device " + victim.name + " was not replaced");
  client.stop();
  const auto outage = traffic::outageAfter(struck, client.attempts());
  row.gaps.add(outage.ms);
  row.failed.add(outage.failed);
  libra.removeAndWait(lb);
}

// keepalived and HAProxy on two devices, by the scripts in `peers`; none for a fault they do not know.
std::string peerScenario(Fault fault) {
  switch (fault) {
    case Fault::LinkCut:
      return "linkcut";
    case Fault::AllKilled:
      return "killall";
    case Fault::ProxyKilled:
      return "haproxy";
    case Fault::HostKilled:
      break;  // the link cut is the same to it
  }
  return "";
}

double numberIn(const std::string& json, const std::string& member) {
  const auto value = json::parse(json);
  return value ? (*value)[member].real(-1) : -1;
}

void measurePeer(const Options& options, Fault fault, const std::string& advert, Row& row) {
  const auto command = "cd '" + options.peers + "' && KL_WORK='" + options.peers + "/work' python3 failover.py " +
                       peerScenario(fault) + " " + advert + " 1 --tracker file 2>/dev/null";
  FILE* pipe = ::popen(command.c_str(), "re");
  char line[4096];
  while (pipe != nullptr && std::fgets(line, sizeof line, pipe) != nullptr) {
    const double gap = numberIn(line, "gap_ms");
    if (gap < 0) continue;
    row.gaps.add(gap);
    row.failed.add(numberIn(line, "failed"));
  }
  if (pipe == nullptr || ::pclose(pipe) != 0) die(command);
}

void print(const std::string& name, const Row& row) {
  if (row.gaps.size() == 0) return;
  std::printf("  %-44s %8.1f %8.1f %8.1f %8.1f %7.0f %6zu\n", name.c_str(), row.gaps.quantile(0),
              row.gaps.quantile(0.5), row.gaps.quantile(0.99), row.gaps.quantile(1), row.failed.quantile(0.5),
              row.gaps.size());
}

void run(const Options& options) {
  RunningLibra libra;
  const auto before = libra.phases(kHealing);
  std::map<std::pair<Fault, std::string>, Row> rows;
  for (int round = 0; round < options.rounds; ++round)
    for (const auto& [fault, word, text] : faults()) {
      if (std::find(options.cases.begin(), options.cases.end(), word) == options.cases.end()) continue;
      measure(libra, options, fault, rows[{fault, ""}]);
      if (options.peers.empty() || peerScenario(fault).empty()) continue;
      for (const auto& advert : options.adverts) {
        const int most =
            advert == options.adverts.front() || options.peer_rounds == 0 ? options.rounds : options.peer_rounds;
        if (round < most) measurePeer(options, fault, advert, rows[{fault, advert}]);
      }
    }
  std::printf("%-46s %8s %8s %8s %8s %7s %6s\n", "gap seen by a client, a connection each 5 ms", "min ms", "p50", "p99",
              "max", "failed", "n");
  for (const auto& [fault, word, text] : faults()) {
    print("Libra, " + std::string(text), rows[{fault, ""}]);
    for (const auto& advert : options.adverts) print("  keepalived, advert " + advert + " s", rows[{fault, advert}]);
  }
  printPhases(before, libra.phases(kHealing));
}

}  // namespace
}  // namespace libra::bench

int main(int argc, char** argv) {
  libra::bench::Options options;
  for (const auto& fault : libra::bench::faults()) options.cases.emplace_back(fault.word);
  libra::ProgramOptions given("How long a failed device's clients are without an answer");
  given.take("--rounds", options.rounds, "of each case");
  given.take("--cases", options.cases, "of link, host, all, proxy");
  given.need("--run", options.run, "folder of the running lab");
  given.need("--prefix", options.prefix, "of its namespaces");
  given.take("--peers", options.peers, "folder with failover.py and its built tools, its lab up");
  given.take("--adverts", options.adverts, "of keepalived, in seconds");
  given.take("--peer-rounds", options.peer_rounds, "for all adverts but the first");
  if (const auto code = given.read(argc, argv)) return *code;
  libra::bench::run(options);
}
