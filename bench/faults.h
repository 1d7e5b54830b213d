#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace libra::bench {

// What can befall the device that serves.
enum class Fault { LinkCut, HostKilled, AllKilled, ProxyKilled };
struct FaultName {
  Fault fault;
  std::string_view word, text;
};
const std::vector<FaultName>& faults();

// A device of the lab in `run`, whose namespaces begin with `prefix`.
struct Victim {
  std::string run, prefix, name;
};
void strike(const Victim& victim, Fault fault);  // dies when it cannot

}  // namespace libra::bench
