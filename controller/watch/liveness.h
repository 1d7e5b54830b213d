#pragma once

#include <algorithm>
#include <chrono>

#include "lib/base/clock.h"
#include "lib/heartbeat/question.h"

namespace libra::watch {

struct Timing {
  Millis interval{50};  // between two beats
  int misses = 3;       // so many in a row, and no answer to the burst, are a verdict
  int probes = 5;       // the confirming burst; the last is sent when the last of these beats is due
  Millis probe_pause{6};
  Millis last_answer{10};                     // how long that beat, and an answer to that probe, may take
  Millis question{100};                       // how long the proxy may take to answer
  Millis look_again{250};                     // at a proxy without its sidecar
  int silent_answers = 3;                     // so many in a row, and the proxy is dead as well
  std::chrono::seconds arrival{5};            // how long a device may take to connect to a new watcher
  std::chrono::seconds sidecar_patience{30};  // how long a proxy may serve without its sidecar
};

// What is known against a device.
enum class Evidence {
  Refused,    // its host says that no process is left
  ProxyLost,  // its sidecar says that the proxy does not come back
  Silence,    // neither beats nor answers
  NoSidecar   // the proxy serves, but nobody can change it any more
};

// Whether one device is alive, decided from what was heard of it and when. No I/O and no
// clock of its own: every call says what time it is. A dead sidecar over a living proxy
// is no dead device; a refusal is believed at once, silence only after a burst of probes,
// and not while the watcher is blind.
class Liveness {
 public:
  // What the caller is to do now.
  enum class Act {
    None,
    Probe,    // send one
    Ask,      // the proxy itself
    Confirm,  // both
    Lost,     // the verdict: see evidence()
    Returned  // a lost one was heard
  };

  // Expected to connect; it may have been connected to an earlier watcher.
  Liveness(const Timing& timing, Instant now) : timing_(timing), next_(now + timing.arrival) {}

  Act connected(Instant now);
  Act heard(Instant now);
  Act closed(Instant now);  // the sidecar's connection
  Act proxyLost(Instant now);
  Act proxySaid(heartbeat::ProxyState state, Instant now, bool blind);
  Act due(Instant now, bool blind);  // call at next(); later does no harm

  Instant next() const { return next_; }
  void discount(Instant until);  // what was missed is not held against it; no silence is a verdict before `until`

  bool isLost() const { return phase_ == Phase::Lost; }
  bool beats() const { return phase_ == Phase::Watched; }
  bool isHeard(Instant now) const {  // no more was missed than may be before a verdict
    return (beats() || phase_ == Phase::Suspect) && now - last_ <= timing_.misses * timing_.interval;
  }
  Evidence evidence() const { return evidence_; }
  Instant lastHeard() const { return last_; }

 private:
  enum class Phase {
    Expected,  // never heard of
    Watched,
    Suspect,   // all misses but one were counted, the burst is under way
    Orphaned,  // the connection ended, the proxy is asked
    Lost
  };
  Act watch(Instant now);
  Act lose(Evidence evidence);
  Act silent(Instant now, bool blind);
  Act burst(Instant now, bool blind);
  Act orphan(Instant now);
  Instant suspectAt() const;

  const Timing& timing_;
  Phase phase_ = Phase::Expected;
  Evidence evidence_ = Evidence::Silence;
  bool known_ = false;  // was connected once
  int sent_ = 0;        // probes of this burst
  int silent_ = 0;      // questions in a row without an answer
  Instant last_{}, not_before_{}, next_;
  Instant orphaned_{};
};

}  // namespace libra::watch
