#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "controller/service/spare_pool.h"
#include "lib/base/locked.h"

namespace libra::service {

// Machines on their way into the pool: made by the provider, then asked until they
// answer DISCOVER and carry a request, then stored as spares. One that does not in time is destroyed.
// Thread-safe; lives as long as work of it is queued.
class Arrivals : public std::enable_shared_from_this<Arrivals> {
 public:
  Arrivals(Context context, Provider& provider, DeviceGateway& gateway, DeviceSync::Run run,
           SparePool::Options options);

  // Begins on the strength of the pool's lease; again for one under way changes nothing.
  void expect(const Site& site, const model::Tenure& tenure);
  void askAgain();  // those whose question came back without an answer
  int count();
  void addTo(Spread& spread);  // where they will be
  bool expects(const std::string& name);
  DeviceGateway& gateway() { return gateway_; }
  bool mayBegin();          // false while it backs off from a failure
  std::string lastError();  // "" when the last one went well

 private:
  struct Arrival {
    Site site;
    model::Tenure tenure;
    std::optional<model::NewDevice> made;
    Instant answer_by{};
    bool asked = false;
    std::string fault{};  // what it said was wrong with it, last
  };
  struct Books {
    std::map<std::string, Arrival> arrivals;
    Instant next_build{};
    int failures = 0;
    std::string last_error;
  };

  void build(const Site& site);
  void ask(const std::string& name, Millis patience);
  void answered(const std::string& name, const Result<protocol::Answer>& answer);
  void check(const std::string& name, const protocol::Answer& discovered, int turn = 1);
  void again(const std::string& name, const protocol::Answer& discovered, const std::string& fault, int turn);
  void admit(const std::string& name, const protocol::Answer& answer);
  Result<std::int64_t> store(const model::NewDevice& device, const std::string& version, const model::Tenure& tenure);
  void turnAway(const std::string& name, const std::string& why);

  const Context context_;
  Provider& provider_;
  DeviceGateway& gateway_;
  const DeviceSync::Run run_;
  const SparePool::Options options_;
  Locked<Books> books_;
};

}  // namespace libra::service
