#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "bench/samples.h"
#include "tests/traffic/crowd.h"

namespace libra::bench {

// Two ways to serve the same requests, measured in turns so that whatever else the machine
// does meets both alike.

struct Load {
  traffic::Habit habit = traffic::Habit::Kept;
  int clients = 16;
  std::chrono::milliseconds length{500};  // of each half of a pair
};

struct Contender {
  std::string name;
  std::uint16_t port;
  std::function<double()> cpu_micros;  // used so far by what serves
};

struct Comparison {
  double median = 0, low = 0, high = 0;  // of the pairs' ratios, first by second; the 95 % interval of the median
  Samples micros[2], ms[2];              // CPU per request of each half; each request
};

class Pairs {
 public:
  explicit Pairs(const Load& load) : load_(load) {}

  // Ends the program when a request fails.
  void measure(const Contender& first, const Contender& second, int pairs);
  Comparison comparison() const;  // of all that were measured, at least one

 private:
  Load load_;
  std::vector<double> ratios_;
  Samples micros_[2], ms_[2];
};

void print(const Comparison& comparison, const std::string& first, const std::string& second);

}  // namespace libra::bench
