#include "tests/simulation/detection.h"

#include <functional>
#include <queue>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

#include "controller/watch/fleet.h"

namespace libra::simulation {

namespace {

using heartbeat::ProxyState;
using watch::Evidence;
using watch::Liveness;
using watch::Timing;
using Act = Liveness::Act;
using Random = std::mt19937_64;
using Arrives = std::function<bool(Instant)>;  // a packet that is sent then
using Seconds = std::chrono::duration<double>;

constexpr Instant kBegin{std::chrono::hours(1)};
constexpr Millis kRoundTrip{1};
constexpr int kPacketsOfAQuestion = 4;  // any of them sent again comes too late

Instant::duration exponential(Random& random, Seconds mean) {
  return std::chrono::duration_cast<Instant::duration>(mean * std::exponential_distribution<>(1)(random));
}

std::int64_t beatsOf(const Fleet& fleet, const Timing& timing) {
  return fleet.devices * (fleet.time / timing.interval);
}

// One device from its last beat that arrived to the next; true when it was condemned before that.
class Silence {
 public:
  Silence(const Timing& timing, Instant last, Arrives arrives)
      : timing_(timing), arrives_(std::move(arrives)), device_(timing, last), beat_(last + timing.interval) {
    device_.connected(last);
  }

  bool ends() {
    for (;;) {
      const Instant now = std::min({beat_, answer_at_, device_.next()});
      if (now == beat_) {
        if (arrives_(now)) return false;
        beat_ += timing_.interval;
        continue;
      }
      const auto act = now == answer_at_ ? answered(now) : device_.due(now, false);
      if (act == Act::Lost) return true;
      if ((act == Act::Probe || act == Act::Confirm) && arrives_(now) && arrives_(now + kRoundTrip)) return false;
      if (act == Act::Ask || act == Act::Confirm) ask(now);
    }
  }

 private:
  void ask(Instant now) {
    answer_ = ProxyState::Serving;
    for (int i = 0; i < kPacketsOfAQuestion; ++i)
      if (!arrives_(now)) answer_ = ProxyState::Silent;
    answer_at_ = now + (answer_ == ProxyState::Silent ? timing_.question : kRoundTrip);
  }
  Act answered(Instant now) {
    answer_at_ = Instant::max();
    return device_.proxySaid(answer_, now, false);
  }

  const Timing& timing_;
  const Arrives arrives_;
  Liveness device_;
  Instant beat_, answer_at_ = Instant::max();
  ProxyState answer_{};
};

class SimulatedClock final : public Clock {
 public:
  Time now() const override { return Time(std::chrono::duration_cast<Time::duration>(at.time_since_epoch())); }
  Instant monotonic() const override { return at; }
  void pause(Millis length) const override { at += length; }
  mutable Instant at = kBegin;
};

// A whole fleet around one burst at its watcher.
class Blackout : watch::Fleet::Orders {
 public:
  Blackout(int devices, Random& random, Instant::duration length)
      : from_(kBegin + Millis(300)), until_(from_ + length), end_(until_ + std::chrono::seconds(1)) {
    std::uniform_int_distribution<long> phase(0, timing_.interval / std::chrono::nanoseconds(1));
    for (int i = 0; i < devices; ++i) {
      names_.push_back(std::to_string(i));
      pulses_[names_.back()] = &fleet_.connected(names_.back());
      events_.push({kBegin + std::chrono::nanoseconds(phase(random)), What::Beat, names_.back()});
    }
  }

  std::int64_t verdicts() {
    Instant due = fleet_.turn();
    for (clock_.at = kBegin; clock_.at < end_;) {
      clock_.at = std::min(due, events_.top().at);
      if (events_.top().at == clock_.at) happen();
      due = fleet_.turn();
    }
    return verdicts_;
  }

 private:
  enum class What { Beat, Answer, Serving, Silent };
  struct Event {
    Instant at;
    What what;
    std::string device;
    bool operator<(const Event& other) const { return at > other.at; }  // the earliest is on top
  };

  bool arrives() const { return clock_.at < from_ || clock_.at >= until_; }
  void happen() {
    const Event event = events_.top();
    events_.pop();
    if (event.what == What::Beat) events_.push({event.at + timing_.interval, What::Beat, event.device});
    if (event.what == What::Serving) return fleet_.proxySaid(event.device, ProxyState::Serving);
    if (event.what == What::Silent) return fleet_.proxySaid(event.device, ProxyState::Silent);
    if (arrives()) pulses_.at(event.device)->felt({});
  }

  void probe(const std::string& device) override {
    if (arrives()) events_.push({clock_.at + kRoundTrip, What::Answer, device});
  }
  void ask(const std::string& device) override {
    if (arrives())
      events_.push({clock_.at + kRoundTrip, What::Serving, device});
    else
      events_.push({clock_.at + timing_.question, What::Silent, device});
  }
  void lost(const std::string&, Evidence, Instant) override { ++verdicts_; }
  void returned(const std::string&) override {}

  const Timing timing_;
  const Instant from_, until_, end_;
  SimulatedClock clock_;
  watch::Fleet fleet_{clock_, timing_, *this};
  std::vector<std::string> names_;
  std::unordered_map<std::string, heartbeat::Pulse*> pulses_;
  std::priority_queue<Event> events_;
  std::int64_t verdicts_ = 0;
};

Seconds pauseBetween(const Bursts& bursts) { return Seconds(bursts.mean) * (1 - bursts.share) / bursts.share; }

}  // namespace

Tally independentLoss(const Fleet& fleet, double loss) {
  const Timing timing;
  Random random(fleet.seed);
  std::geometric_distribution<std::int64_t> arrived(loss);
  std::bernoulli_distribution lost(loss);
  const auto beats = beatsOf(fleet, timing);  // one device after the other: they know nothing of each other
  Tally tally{beats, 0, 0};
  for (auto beat = arrived(random); beat < beats; beat += 2 + arrived(random)) {
    if (!lost(random)) continue;  // the one after it came: nothing has happened
    ++tally.events;
    int certain = 2;
    const auto arrives = [&](Instant) { return certain > 0 ? --certain, false : !lost(random); };
    if (Silence(timing, kBegin, arrives).ends()) ++tally.verdicts;
  }
  return tally;
}

Tally burstsAtTheWatcher(const Fleet& fleet, const Bursts& bursts) {
  const Timing timing;
  Random random(fleet.seed);
  Tally tally{beatsOf(fleet, timing), 0, 0};
  for (Instant::duration at{}; (at += exponential(random, pauseBetween(bursts))) < fleet.time;) {
    ++tally.events;
    tally.verdicts += Blackout(fleet.devices, random, exponential(random, bursts.mean)).verdicts();
  }
  return tally;
}

Tally burstsAtDevices(const Fleet& fleet, const Bursts& bursts) {
  const Timing timing;
  Random random(fleet.seed);
  std::uniform_real_distribution<> phase(0, 1);
  Tally tally{beatsOf(fleet, timing), 0, 0};
  for (Instant::duration at{}; (at += exponential(random, pauseBetween(bursts))) < fleet.time * fleet.devices;) {
    ++tally.events;
    const auto since = std::chrono::duration_cast<Instant::duration>(Seconds(timing.interval) * phase(random));
    const Instant from = kBegin + since, until = from + exponential(random, bursts.mean);
    const auto arrives = [&](Instant sent) { return sent < from || sent >= until; };
    if (Silence(timing, kBegin, arrives).ends()) ++tally.verdicts;
  }
  return tally;
}

}  // namespace libra::simulation
