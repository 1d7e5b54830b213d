#pragma once

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/lab.h"
#include "tests/traffic/http_probe.h"

namespace libra::test {

// A client that asks a VIP on new connections all the time, from the lab's client namespace.
class Traffic {
 public:
  Traffic(const Lab& lab, const std::string& vip);
  ~Traffic() { stop(); }

  void waitForMore(int answers);    // until so many more were given; throws after ten seconds
  std::vector<std::string> stop();  // how the requests that failed did

 private:
  void count(const traffic::Answer& answer);

  std::atomic<bool> stopping_ = false;
  std::atomic<int> answers_ = 0;
  std::vector<std::string> failures_;  // of the thread while it runs
  std::thread thread_;
};

}  // namespace libra::test
