#include "sidecar/checks/prober.h"

#include <algorithm>

namespace libra::sidecar::checks {

namespace {

bool sameMonitor(const Peer& a, const Peer& b) { return a.monitor->wanted == b.monitor->wanted; }

}  // namespace

Prober::Prober(EventLoop& loop, const Clock& clock, Hooks hooks, unsigned seed)
    : clock_(clock), hooks_(std::move(hooks)), random_(seed), timer_(loop, [this] { runDue(); }) {}

void Prober::watch(const std::map<PeerKey, Peer>& peers) {
  for (auto it = watched_.begin(); it != watched_.end();) {
    const auto kept = peers.find(it->first);
    const bool stays = kept != peers.end() && kept->second.target == it->second.peer.target;
    if (!stays) unschedule(it->first, it->second);
    it = stays ? std::next(it) : watched_.erase(it);
  }
  for (const auto& [key, peer] : peers) {
    const auto [it, added] = watched_.try_emplace(key);
    auto& watched = it->second;
    if (added) watched.verdict = Verdict(peer.up);
    const bool rhythm_stays = !added && sameMonitor(watched.peer, peer);
    watched.peer = peer;
    if (rhythm_stays) continue;
    watched.probe.reset();
    std::uniform_int_distribution<std::int64_t> jitter(0, Millis(peer.monitor->wanted.delay).count() - 1);
    schedule(key, watched, clock_.monotonic() + Millis(jitter(random_)));
  }
  armTimer();
}

std::map<PeerKey, PeerVerdict> Prober::verdicts() const {
  std::map<PeerKey, PeerVerdict> verdicts;
  for (const auto& [key, watched] : watched_)
    verdicts[key] = {watched.verdict.up(), watched.verdict.reason(), watched.checked};
  return verdicts;
}

void Prober::schedule(const PeerKey& key, Watched& watched, Instant due) {
  unschedule(key, watched);
  watched.due = due;
  queue_.insert({due, key});
}

void Prober::runDue() {
  const auto now = clock_.monotonic();
  while (!queue_.empty() && queue_.begin()->first <= now) {
    const auto key = queue_.begin()->second;
    auto& watched = watched_.at(key);
    unschedule(key, watched);
    watched.probe = hooks_.start(watched.peer, [this, key](const Finding& finding) { found(key, finding); });
  }
  armTimer();
}

void Prober::found(const PeerKey& key, const Finding& finding) {
  auto& watched = watched_.at(key);  // a check ends with its peer
  watched.probe.reset();
  // From when it was due, so that checks do not drift; but none is made up for.
  schedule(key, watched, std::max(watched.due + watched.peer.monitor->wanted.delay, clock_.monotonic()));
  armTimer();
  if (finding.what != Finding::What::Unknown) watched.checked = clock_.now();
  if (!watched.verdict.add(finding, watched.peer.monitor->wanted.attempts)) return;
  hooks_.changed(key, {watched.verdict.up(), watched.verdict.reason(), watched.checked});
}

void Prober::armTimer() {
  if (queue_.empty()) return timer_.cancel();
  timer_.once(std::max(Millis(0), std::chrono::ceil<Millis>(queue_.begin()->first - clock_.monotonic())));
}

Result<StartProbe> networkProbes(EventLoop& loop) {
  const auto tls = tls::unverifiedClientContext();
  if (!tls) return tls.error();
  return StartProbe([&loop, tls = *tls](const Peer& peer, Probe::Done done) {
    return std::make_unique<Probe>(loop, peer.monitor, peer.target, tls, std::move(done));
  });
}

}  // namespace libra::sidecar::checks
