#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/noloss/rows.h"

namespace libra::test {

// What the runs of one row came to.
struct Tally {
  std::set<std::string> mechanisms;
  std::vector<double> ms;             // of each change
  std::uint64_t in_flight = 0;        // requests that met the change, over all runs
  std::vector<std::string> failures;  // of requests that should not have failed, and of whatever else is wrong
  std::size_t permitted = 0;          // failures that the change itself means
};

// A line for each row that was run, in the order of the table.
void print(const std::map<std::string, Tally>& tallies);

}  // namespace libra::test
