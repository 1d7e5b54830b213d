#include "bench/contest.h"

#include <chrono>
#include <cstdio>
#include <thread>

#include "bench/running_libra.h"
#include "tests/traffic/crowd.h"

namespace libra::bench {

namespace {

using Steady = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kAftermath{250};  // how long a change may hurt the victims

class Victims {
 public:
  explicit Victims(std::uint16_t port)
      : kept_(traffic::Habit::Kept, 8, {port}), fresh_(traffic::Habit::NewEachTime, 4, {port}) {
    if (!kept_.waitForEach(2) || !fresh_.waitForEach(2)) die("no traffic");
  }

  void tell(const std::vector<Steady::time_point>& changes, Outcome& outcome) {
    for (auto* crowd : {&kept_, &fresh_}) {
      crowd->stop();
      for (const auto& request : crowd->requests()) {
        ++outcome.requests;
        outcome.failed += request.failure.empty() ? 0 : 1;
        for (const auto change : changes)
          if (request.end >= change && request.begin <= change + kAftermath)
            outcome.victims.add(std::chrono::duration<double, std::milli>(request.end - request.begin).count());
      }
    }
  }

 private:
  traffic::Crowd kept_, fresh_;
};

Samples all(const Outcome& outcome) {
  Samples together;
  for (const auto& [name, samples] : outcome.changes) together.add(samples);
  return together;
}

void printChange(const std::string& name, const Samples& ours, const Samples& reload) {
  const double mine = ours.quantile(0.5), theirs = reload.quantile(0.5);
  std::printf("%-26s %12.2f %12.2f %12.2f %7.1fx\n", name.c_str(), mine, ours.quantile(0.99), theirs, theirs / mine);
}

}  // namespace

Balancers::Balancers(Ports ports, std::uint16_t backend, int nodes) : ports_(ports), backend_(backend) {
  state.load_balancers = {balancer("1", ports.first, nodes)};
}

protocol::LoadBalancerState Balancers::balancer(const std::string& id, std::uint16_t port, int nodes) const {
  protocol::LoadBalancerState lb;
  lb.id = id;
  lb.port = port;
  lb.persistence = Persistence::None;
  lb.monitor = {MonitorType::Http, std::chrono::seconds(30), std::chrono::seconds(30), 2, "/"};
  const int first = id == "1" ? 1 : 2'001;  // ids are those of one node in all of the device
  for (int i = 0; i < nodes; ++i) lb.nodes.push_back(node(first + i));
  return lb;
}

const std::vector<Change>& allChanges() {
  static const std::vector<Change> kAll{
      {"add a node", [](auto& b) { b.lb().nodes.push_back(b.node(1'000)); }},
      {"weigh a node", [](auto& b) { b.lb().nodes.back().weight = 9; }},
      {"disable a node", [](auto& b) { b.lb().nodes.back().enabled = false; }},
      {"remove a node", [](auto& b) { b.lb().nodes.pop_back(); }},
      {"another algorithm",
       [](auto& b) {
         auto& algorithm = b.lb().algorithm;
         algorithm = algorithm == Algorithm::RoundRobin ? Algorithm::LeastConnections : Algorithm::RoundRobin;
       }},
      {"another monitor path", [](auto& b) { b.lb().monitor.path = b.lb().monitor.path == "/" ? "/health" : "/"; }},
      {"create a load balancer", [](auto& b) { b.addBalancer(); }},
      {"delete a load balancer", [](auto& b) { b.state.load_balancers.pop_back(); }},
  };
  return kAll;
}

Outcome measure(const Way& way, Balancers balancers, const std::vector<Change>& changes, int rounds) {
  Outcome outcome;
  for (const auto& change : changes) outcome.changes.push_back({change.name, {}});
  Victims victims(balancers.lb().port);
  std::vector<Steady::time_point> begun;
  for (int round = 0; round < rounds; ++round)
    for (std::size_t i = 0; i < changes.size(); ++i) {
      changes[i].edit(balancers);
      ++balancers.state.generation;
      begun.push_back(Steady::now());
      way(balancers.state);
      outcome.changes[i].second.add(std::chrono::duration<double, std::milli>(Steady::now() - begun.back()).count());
      std::this_thread::sleep_for(kAftermath);
    }
  victims.tell(begun, outcome);
  return outcome;
}

void print(const Outcome& ours, const Outcome& reload) {
  std::printf("%-26s %12s %12s %12s %8s\n", "change", "ours p50 ms", "p99", "reload p50", "ratio");
  for (std::size_t i = 0; i < ours.changes.size(); ++i)
    printChange(ours.changes[i].first, ours.changes[i].second, reload.changes[i].second);
  printChange("all of them", all(ours), all(reload));
  std::printf("%-26s %12zu %12s %12zu   (of %zu and %zu)\n", "failed requests", ours.failed, "", reload.failed,
              ours.requests, reload.requests);
  std::printf("%-26s %12.2f %12s %12.2f %7.1fx\n", "p99 of the victims, ms", ours.victims.quantile(0.99), "",
              reload.victims.quantile(0.99), reload.victims.quantile(0.99) / ours.victims.quantile(0.99));
}

}  // namespace libra::bench
