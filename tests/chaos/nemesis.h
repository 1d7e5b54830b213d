#pragma once

#include <atomic>
#include <chrono>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/chaos/faults.h"
#include "tests/chaos/whole_libra.h"

namespace libra::test {

// Breaks one thing after the other, waits a while, repairs it. Prints what it does. In each
// round every kind of fault has its turn, in another order; the first round is always whole.
class Nemesis {
 public:
  using Instant = std::chrono::steady_clock::time_point;
  struct Blow {
    Instant at, mended;
    std::string fault, device;  // "": none
    bool stops_database;
  };

  Nemesis(WholeLibra& libra, std::uint32_t seed, const std::string& lasting_vip);
  ~Nemesis() { stop(); }

  void stop();  // everything is repaired then

  // Of one that was stopped.
  const std::vector<Blow>& blows() const { return blows_; }
  const Faults& faults() const { return faults_; }

 private:
  void run();
  void deal(const Fault& fault);
  int random(int below) { return std::uniform_int_distribution(0, below - 1)(random_); }

  std::mt19937 random_;
  Faults faults_;
  std::vector<Blow> blows_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace libra::test
