#include "tests/chaos/usage_watch.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace libra::test {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::microseconds;
using std::chrono::seconds;

constexpr seconds kSampled{8};  // the sidecar asks its proxy each five seconds; the machine is crowded
constexpr seconds kZombie{2};   // a device that was frozen answers on until it hears of its successor

Clock::time_point instantOf(long unix_micros) {
  return Clock::now() + std::chrono::duration_cast<Clock::duration>(
                            microseconds(unix_micros) - std::chrono::system_clock::now().time_since_epoch());
}

struct Window {
  Clock::time_point begin, end;
};

template <typename Map>
Clock::time_point at(const Map& times, const std::string& name, Clock::time_point otherwise) {
  const auto found = times.find(name);
  return found == times.end() ? otherwise : found->second;
}

bool isIn(const std::vector<Window>& windows, const traffic::SteadyClient::Attempt& attempt) {
  return std::any_of(windows.begin(), windows.end(),
                     [&](const Window& window) { return attempt.end >= window.begin && attempt.begin <= window.end; });
}

}  // namespace

UsageWatch::UsageWatch(const Lab& lab, std::string load_balancer)
    : lab_(lab),
      load_balancer_(std::move(load_balancer)),
      thread_([this](const std::stop_token& stopped) { run(stopped); }) {}

void UsageWatch::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void UsageWatch::run(const std::stop_token& stopped) {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any told_to_stop;
  for (long highest = 0; !stopped.stop_requested();
       told_to_stop.wait_for(lock, stopped, seconds(1), [] { return false; })) {
    try {
      const long now = used().connections;
      if (now < highest) falls_.push_back(std::to_string(now) + " after " + std::to_string(highest));
      highest = std::max(highest, now);
    } catch (const std::runtime_error&) {  // its database node is away
    }
  }
}

UsageWatch::Used UsageWatch::used() const {
  std::istringstream cells(
      lab_.sql("SELECT COALESCE(SUM(connections), 0), COALESCE(SUM(bytes_out), 0) FROM usage_samples "
               "WHERE load_balancer = " +
               load_balancer_));
  Used used;
  cells >> used.connections >> used.bytes_out;
  return used;
}

// Rows of removed devices are gone; the journal keeps their names.
std::map<std::string, UsageWatch::Instant> UsageWatch::toldUntil() const {
  std::istringstream cells(
      lab_.sql("SELECT SUBSTRING_INDEX(text, ' ', 1), MAX(TIMESTAMPDIFF(MICROSECOND, '1970-01-01', period_end)) "
               "FROM usage_samples JOIN events ON object = CONCAT('device/', device) AND kind = 'device.built' "
               "WHERE load_balancer = " +
               load_balancer_ + " GROUP BY device"));
  std::map<std::string, Instant> until;
  std::string device;
  for (long micros = 0; cells >> device >> micros;) until[device] = instantOf(micros);
  return until;
}

std::string UsageWatch::toldTwice() const {
  return lab_.sql(
      "SELECT a.device, a.load_balancer, a.sequence, b.sequence FROM usage_samples a JOIN usage_samples b "
      "USING (device, load_balancer) WHERE a.sequence < b.sequence AND a.period_end >= b.period_start");
}

long mustBeTold(const std::vector<traffic::SteadyClient::Attempt>& attempts, const std::vector<Nemesis::Blow>& blows,
                const std::map<std::string, UsageWatch::Instant>& holders,
                const std::map<std::string, UsageWatch::Instant>& told_until) {
  std::vector<Window> lost;
  for (const auto& blow : blows) {
    const auto holder = holders.find(blow.device);
    if (holder == holders.end()) continue;
    const auto told = at(told_until, blow.device, holder->second);
    lost.push_back({std::min(blow.at - kSampled, told), blow.mended + kZombie});
  }
  return std::count_if(attempts.begin(), attempts.end(),
                       [&](const auto& attempt) { return attempt.failure.empty() && !isIn(lost, attempt); });
}

}  // namespace libra::test
