#pragma once

#include <string>
#include <vector>

namespace libra::bench {

// Times of one thing, in milliseconds.
class Samples {
 public:
  void add(double ms) { values_.push_back(ms); }
  void add(const Samples& others) { values_.insert(values_.end(), others.values_.begin(), others.values_.end()); }
  std::size_t size() const { return values_.size(); }
  double sum() const;
  double quantile(double q) const;  // nearest rank; 0 without samples

 private:
  std::vector<double> values_;
};

// "name      min      p50      p99      max   (n)" in aligned columns, ms.
void printHeader(const std::string& title);
void printRow(const std::string& name, const Samples& samples);

double nowMs();  // monotonic

}  // namespace libra::bench
