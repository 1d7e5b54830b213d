#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/locked.h"
#include "lib/gear/client.h"
#include "lib/gear/tls_pipe.h"
#include "lib/gear/worker.h"
#include "lib/seal/hand.h"
#include "tests/support/lab.h"

namespace libra::test {

// A device that was taken over. Its certificate is good, so the job servers let it in; there it
// orders other devices to forget what they carry, and serves their functions in their place. It
// does what our own programs do, but for what it may not.
class Impostor {
 public:
  Impostor(const Lab& lab, const std::string& device);  // with a copy of that device's identity
  ~Impostor() { stop(); }

  int order(const std::vector<std::string>& devices);  // how many refused
  void serveInsteadOf(const std::vector<std::string>& devices);
  void stop();

  int stolen() const { return taken_; }                              // jobs that were for others
  std::vector<std::string> achieved() { return *achieved_.lock(); }  // and should not have

 private:
  std::string take(const std::string& device, const std::string& job);

  const Lab& lab_;
  TempDir folder_;
  gear::Connection connection_;
  SystemClock clock_;
  std::unique_ptr<seal::Hand> hand_;
  std::vector<std::unique_ptr<gear::Worker>> served_;
  std::atomic<int> taken_ = 0;
  Locked<std::vector<std::string>> achieved_;
};

}  // namespace libra::test
