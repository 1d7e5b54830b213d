#pragma once

#include <memory>
#include <random>
#include <vector>

#include "tests/noloss/rows.h"
#include "tests/support/driver_world.h"
#include "tests/traffic/crowd.h"
#include "tests/traffic/patient_backend.h"

namespace libra::test {

// A proxy with back ends, on which scenes are played one after the other: the load balancer
// to be changed, two neighbours with traffic, and up to three that are only there.
class Stage {
 public:
  Stage(std::unique_ptr<DriverWorld> world, std::uint64_t seed) : world_(std::move(world)), random_(seed) {}

  DriverWorld& world() { return *world_; }
  Scene scene();  // its neighbours at random
  Result<sidecar::Applied> apply(Scene& scene);
  std::string difference(const Scene& scene);  // what the proxy runs instead of it; "" when that is it

  // Clients of the load balancer at port 0, kept and others, and of its secure port if it has
  // TLS; and of the neighbours.
  using Crowds = std::vector<std::unique_ptr<traffic::Crowd>>;
  Crowds clientsOfTheChanged(Scene& scene) const;
  Crowds clientsOfTheNeighbours() const;

 private:
  protocol::LoadBalancerState neighbour(const std::string& id, std::size_t port, Protocol protocol);
  int upTo(int most) { return std::uniform_int_distribution<int>(0, most)(random_); }

  std::unique_ptr<DriverWorld> world_;
  std::mt19937_64 random_;
  std::uint64_t generation_ = 0;
  static constexpr std::chrono::milliseconds kDelay{8};
  traffic::PatientBackend backends_[4]{traffic::PatientBackend(kDelay), traffic::PatientBackend(kDelay),
                                       traffic::PatientBackend(kDelay), traffic::PatientBackend(kDelay)};
};

}  // namespace libra::test
