#pragma once

#include <functional>
#include <map>
#include <memory>

#include <mutex>
#include "sidecar/checks/prober.h"

namespace libra::sidecar::checks {

// Checks of nodes, as who keeps the device sees them. Any thread.
class NodeChecks {
 public:
  virtual ~NodeChecks() = default;
  virtual void watch(std::map<PeerKey, Peer> peers) = 0;        // these and no others, from soon on
  virtual std::map<PeerKey, PeerVerdict> verdicts() const = 0;  // as of the last change or watch()
};

// On a loop, which must have ended before this does. `changed` is called there when a
// verdict changed.
class LoopChecks final : public NodeChecks {
 public:
  static Result<std::unique_ptr<LoopChecks>> make(EventLoop& loop, const Clock& clock, std::function<void()> changed);

  void watch(std::map<PeerKey, Peer> peers) override;
  std::map<PeerKey, PeerVerdict> verdicts() const override;

 private:
  LoopChecks(EventLoop& loop, const Clock& clock, StartProbe start, std::function<void()> changed);
  void publish();

  EventLoop& loop_;
  mutable std::mutex mutex_;
  std::map<PeerKey, PeerVerdict> verdicts_;  // guarded by mutex_
  Prober prober_;
};

}  // namespace libra::sidecar::checks
