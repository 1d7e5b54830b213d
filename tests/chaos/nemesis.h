#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/chaos/whole_libra.h"

namespace libra::test {

// Breaks one thing after the other, waits a while, repairs it. Prints what it does.
class Nemesis {
 public:
  using Instant = std::chrono::steady_clock::time_point;
  struct Blow {
    Instant at, mended;
    std::string fault, device;  // "": none
  };

  Nemesis(WholeLibra& libra, std::uint32_t seed);
  ~Nemesis() { stop(); }

  void stop();                                               // everything is repaired then
  const std::vector<Blow>& blows() const { return blows_; }  // of one that was stopped
  int connectionsCut() const { return cut_; }                // by that kind of fault

 private:
  struct Fault {
    std::string name, device;
    std::function<void()> strike, mend;
  };

  void run();
  void deal(const Fault& fault);
  Fault choose();
  Fault killPart(const std::string& part);
  Fault freezePart(const std::string& part);
  Fault onDatabaseNode();
  Fault onDevice();
  Fault skewClock();
  Fault fillDisk();
  Fault cutConnections();
  Fault cutOff(const std::string& machine, const std::string& device = {});
  std::string aDevice();
  int random(int below) { return std::uniform_int_distribution(0, below - 1)(random_); }

  WholeLibra& libra_;
  std::mt19937 random_;
  std::vector<Blow> blows_;
  int cut_ = 0;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace libra::test
