#include "controller/watch/liveness.h"

namespace libra::watch {

using heartbeat::ProxyState;

// So that the burst takes no time of its own: it is over when the last miss is certain.
Instant Liveness::suspectAt() const {
  const auto certain = std::max(last_ + timing_.misses * timing_.interval, not_before_);
  return std::max(certain - (timing_.probes - 1) * timing_.probe_pause,
                  last_ + (timing_.misses - 1) * timing_.interval);
}

Liveness::Act Liveness::watch(Instant now) {
  const bool was_lost = phase_ == Phase::Lost;
  phase_ = Phase::Watched;
  last_ = now;
  silent_ = 0;
  next_ = suspectAt();
  return was_lost ? Act::Returned : Act::None;
}

Liveness::Act Liveness::connected(Instant now) {
  known_ = true;
  return watch(now);
}

Liveness::Act Liveness::heard(Instant now) {
  if (phase_ == Phase::Watched) {
    last_ = now;  // next_ stays: due() finds that it is too early
    return Act::None;
  }
  return watch(now);
}

Liveness::Act Liveness::lose(Evidence evidence) {
  phase_ = Phase::Lost;
  evidence_ = evidence;
  next_ = Instant::max();
  return Act::Lost;
}

Liveness::Act Liveness::closed(Instant now) {
  if (phase_ == Phase::Lost) return Act::None;
  phase_ = Phase::Orphaned;
  orphaned_ = now;
  return orphan(now);
}

Liveness::Act Liveness::orphan(Instant now) {
  next_ = now + timing_.question + timing_.look_again;
  return Act::Ask;
}

Liveness::Act Liveness::proxyLost(Instant) { return isLost() ? Act::None : lose(Evidence::ProxyLost); }

Liveness::Act Liveness::proxySaid(ProxyState state, Instant now, bool blind) {
  if (phase_ == Phase::Lost || phase_ == Phase::Watched) return Act::None;
  if (state == ProxyState::Refused) return lose(Evidence::Refused);
  if (state == ProxyState::Silent) return silent(now, blind);
  silent_ = 0;
  if (phase_ == Phase::Suspect) {  // the sidecar hangs over a living proxy
    phase_ = Phase::Orphaned;
    orphaned_ = last_;
  }
  const bool too_long = phase_ == Phase::Orphaned && now - orphaned_ > timing_.sidecar_patience;
  if (too_long && known_) return lose(Evidence::NoSidecar);
  next_ = now + timing_.look_again;
  return Act::None;
}

Liveness::Act Liveness::silent(Instant now, bool blind) {
  if (phase_ == Phase::Suspect) return Act::None;  // the burst decides
  if (++silent_ < timing_.silent_answers || now < not_before_ || blind) return orphan(now);
  return lose(Evidence::Silence);
}

Liveness::Act Liveness::due(Instant now, bool blind) {
  if (now < next_ || phase_ == Phase::Lost) return Act::None;
  if (phase_ == Phase::Expected || phase_ == Phase::Orphaned) return orphan(now);
  if (phase_ == Phase::Suspect) return burst(now, blind);
  if (now < suspectAt()) {
    next_ = suspectAt();
    return Act::None;
  }
  phase_ = Phase::Suspect;
  sent_ = 1;
  next_ = now + timing_.probe_pause;
  return Act::Confirm;
}

Liveness::Act Liveness::burst(Instant now, bool blind) {
  if (sent_ >= timing_.probes && !blind) return lose(Evidence::Silence);
  if (sent_ >= timing_.probes) {
    discount(now + timing_.interval);
    return Act::None;
  }
  ++sent_;
  next_ = now + (sent_ < timing_.probes ? timing_.probe_pause : timing_.last_answer);
  return Act::Probe;
}

void Liveness::discount(Instant until) {
  if (phase_ == Phase::Lost) return;
  not_before_ = std::max(not_before_, until);
  silent_ = 0;
  if (phase_ == Phase::Suspect) phase_ = Phase::Watched;
  if (phase_ == Phase::Watched) next_ = suspectAt();
}

}  // namespace libra::watch
