#pragma once

#include <chrono>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "tests/chaos/nemesis.h"
#include "tests/support/lab.h"
#include "tests/traffic/steady_client.h"

namespace libra::test {

// Reads each second, while everything breaks, what is stored of the use of one load
// balancer. A thread of its own: a frozen database lets it wait.
class UsageWatch {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  UsageWatch(const Lab& lab, std::string load_balancer);
  ~UsageWatch() { stop(); }
  void stop();
  const std::vector<std::string>& falls() const { return falls_; }  // of one that was stopped: sums below earlier ones

  struct Used {
    long connections = 0, bytes_out = 0;
  };
  Used used() const;
  // Until when each device has told what it counted. By its name.
  std::map<std::string, Instant> toldUntil() const;
  std::string toldTwice() const;  // samples of any load balancer that tell of the same time; ""

 private:
  void run(const std::stop_token& stopped);

  const Lab& lab_;
  const std::string load_balancer_;
  std::vector<std::string> falls_;
  std::jthread thread_;
};

// How many of the attempts that were answered must have been told, that is all but those which
// may have gone with what a fault killed: a proxy takes along what it counted since it was last
// sampled, a device what it did not tell any more. `holders`: devices that had the address,
// since when.
long mustBeTold(const std::vector<traffic::SteadyClient::Attempt>& attempts, const std::vector<Nemesis::Blow>& blows,
                const std::map<std::string, UsageWatch::Instant>& holders,
                const std::map<std::string, UsageWatch::Instant>& told_until);

}  // namespace libra::test
