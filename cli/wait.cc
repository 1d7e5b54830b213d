#include <thread>

#include "cli/commands.h"

namespace libra::cli {

namespace {

using Clock = std::chrono::steady_clock;

// Polls quickly at first: a change usually takes some milliseconds.
class Pace {
 public:
  explicit Pace(double seconds)
      : deadline_(Clock::now() + std::chrono::microseconds(static_cast<long long>(seconds * 1e6))) {}

  void sleep(const std::string& lb) {
    if (Clock::now() >= deadline_) throw Failure(kTimeout, "Load balancer " + lb + " did not settle in time");
    std::this_thread::sleep_for(delay_);
    delay_ = std::min(delay_ * 3 / 2, std::chrono::milliseconds(1000));
  }

 private:
  Clock::time_point deadline_;
  std::chrono::milliseconds delay_{4};
};

}  // namespace

void waitUntilSettled(Session& session, Api& api, const std::string& lb) {
  if (!session.wait) return;
  for (Pace pace(session.wait_timeout);; pace.sleep(lb)) {
    const auto object = api.get("/loadbalancers/" + lb);
    const std::string status = object["status"].text();
    if (status == "ACTIVE" || status == "DEGRADED") return;
    if (status == "ERROR")
      throw Failure(kFailed, "Load balancer " + lb + " is in ERROR: " + object["statusDescription"].text());
  }
}

void waitUntilGone(Session& session, Api& api, const std::string& lb) {
  if (!session.wait) return;
  for (Pace pace(session.wait_timeout);; pace.sleep(lb)) {
    try {
      api.get("/loadbalancers/" + lb);
    } catch (const Failure& e) {
      if (e.code == kNotFound) return;
      throw;
    }
  }
}

}  // namespace libra::cli
