#include "tests/noloss/stage.h"

#include "lib/json/value.h"
#include "lib/protocol/device_job.h"
#include "tests/support/comparable.h"
#include "tests/support/device_states.h"

namespace libra::test {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Short times, so that servers leave their quarantine while the suite runs.
constexpr protocol::OptionsState kOptions{milliseconds(5'000), milliseconds(5'000), milliseconds(5'000), 3};

constexpr int kKept = 8, kNew = 6, kNeighboursClients = 6, kByTls = 3;

}  // namespace

Scene Stage::scene() {
  Scene scene;
  scene.secure_port = world_->port(3);
  for (const auto& backend : backends_) scene.backends.push_back(backend.port());
  scene.plain = aBalancer("14", world_->port(0), {aNode("501", scene.backends[0]), aNode("502", scene.backends[1])});
  scene.plain.options = kOptions;
  scene.plain.addresses = {*NetAddress::parse("127.0.0.1")};  // others listen at its port, elsewhere
  scene.device.load_balancers = {scene.plain, neighbour("15", 1, Protocol::Http), neighbour("16", 2, Protocol::Tcp)};
  for (int others = upTo(3), i = 0; i < others; ++i) {
    const bool http = upTo(1) == 0;
    auto other = neighbour(std::to_string(20 + i), 0, http ? Protocol::Http : Protocol::Tcp);
    other.addresses = {NetAddress::fromV4(0x0A4D0901u + static_cast<unsigned>(i))};
    if (upTo(1) == 0) other.nodes.push_back(disabled(aNode("9" + other.id, 9)));
    scene.device.load_balancers.push_back(std::move(other));
  }
  return scene;
}

protocol::LoadBalancerState Stage::neighbour(const std::string& id, std::size_t port, Protocol protocol) {
  static constexpr Algorithm kAlgorithms[] = {Algorithm::RoundRobin, Algorithm::LeastConnections, Algorithm::Random,
                                              Algorithm::WeightedRoundRobin, Algorithm::WeightedLeastConnections};
  static constexpr std::optional<Persistence> kPersistence[] = {std::nullopt, Persistence::None, Persistence::SourceIp};
  std::vector<protocol::NodeState> nodes;
  for (int i = 0; i <= upTo(2); ++i)
    nodes.push_back(aNode(id + std::to_string(i), backends_[static_cast<std::size_t>(i)].port()));
  auto made = aBalancer(id, world_->port(port), std::move(nodes), protocol);
  made.options = kOptions;
  made.algorithm = kAlgorithms[upTo(4)];
  made.persistence = kPersistence[upTo(2)];
  if (upTo(1) == 0) made.monitor = {MonitorType::Http, seconds(10 + upTo(20)), seconds(5), 2, "/health"};
  return made;
}

Result<sidecar::Applied> Stage::apply(Scene& scene) {
  scene.device.generation = ++generation_;
  return world_->driver().apply(scene.device);
}

std::string Stage::difference(const Scene& scene) {
  const auto live = world_->driver().live();
  if (!live) return live.error().detail;
  if (comparable(*live) == comparable(scene.device)) return "";
  return "runs " + json::dump(protocol::writeStateFile(*live)) + "\ninstead of " +
         json::dump(protocol::writeStateFile(scene.device));
}

Stage::Crowds Stage::clientsOfTheChanged(Scene& scene) const {
  Crowds crowds;
  crowds.push_back(std::make_unique<traffic::Crowd>(traffic::Habit::Kept, kKept, traffic::Place{world_->port(0)}));
  crowds.push_back(
      std::make_unique<traffic::Crowd>(traffic::Habit::NewEachTime, kNew, traffic::Place{world_->port(0)}));
  if (!scene.changed().tls) return crowds;
  for (const char* host : {"", "b.example"})
    for (const auto habit : {traffic::Habit::Kept, traffic::Habit::NewEachTime})
      crowds.push_back(
          std::make_unique<traffic::Crowd>(habit, kByTls, traffic::Place{scene.secure_port, "127.0.0.1", true, host}));
  return crowds;
}

Stage::Crowds Stage::clientsOfTheNeighbours() const {
  Crowds crowds;
  crowds.push_back(
      std::make_unique<traffic::Crowd>(traffic::Habit::Kept, kNeighboursClients, traffic::Place{world_->port(1)}));
  crowds.push_back(std::make_unique<traffic::Crowd>(traffic::Habit::NewEachTime, kNeighboursClients,
                                                    traffic::Place{world_->port(1)}));
  crowds.push_back(
      std::make_unique<traffic::Crowd>(traffic::Habit::Kept, kNeighboursClients, traffic::Place{world_->port(2)}));
  return crowds;
}

}  // namespace libra::test
