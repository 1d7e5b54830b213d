#include "sidecar/checks/node_checks.h"

namespace libra::sidecar::checks {

Result<std::unique_ptr<LoopChecks>> LoopChecks::make(EventLoop& loop, const Clock& clock,
                                                     std::function<void()> changed) {
  auto start = networkProbes(loop);
  if (!start) return start.error();
  return std::unique_ptr<LoopChecks>(new LoopChecks(loop, clock, *std::move(start), std::move(changed)));
}

LoopChecks::LoopChecks(EventLoop& loop, const Clock& clock, StartProbe start, std::function<void()> changed)
    : loop_(loop),
      prober_(loop, clock,
              {[this, changed = std::move(changed)](const PeerKey&, const PeerVerdict&) {
                 publish();
                 changed();
               },
               std::move(start)}) {}

void LoopChecks::watch(std::map<PeerKey, Peer> peers) {
  loop_.post([this, peers = std::move(peers)] {
    prober_.watch(peers);
    publish();
  });
}

std::map<PeerKey, PeerVerdict> LoopChecks::verdicts() const {
  const std::lock_guard lock(mutex_);
  return verdicts_;
}

void LoopChecks::publish() {
  auto now = prober_.verdicts();
  const std::lock_guard lock(mutex_);
  verdicts_ = std::move(now);
}

}  // namespace libra::sidecar::checks
