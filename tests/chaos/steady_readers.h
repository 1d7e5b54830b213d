#pragma once

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "lib/base/locked.h"
#include "tests/chaos/tenant.h"
#include "tests/support/lab.h"

namespace libra::test {

// Clients that ask both controllers without a pause, so that whatever happens meanwhile meets
// requests under way.
class SteadyReaders {
 public:
  explicit SteadyReaders(Lab& lab);
  ~SteadyReaders() { stop(); }

  bool areAnswered(int times) const;  // from now on, in time
  std::vector<Refusal> stop();

 private:
  void read(const std::string& url);

  Lab& lab_;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> answers_ = 0;
  Locked<std::vector<Refusal>> refusals_;
  std::vector<std::thread> threads_;
};

}  // namespace libra::test
