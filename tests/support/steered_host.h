#pragma once

#include <functional>
#include <string>

#include "tests/support/netns.h"
#include "tests/support/temp_dir.h"

namespace libra::test {

// Whether this kernel lets us load and attach a program that steers connections; found
// out without any code of ours.
bool kernelSteers();

// A machine of its own, loopback up, with the address 10.77.9.1 and fd77:9::1 beside
// 127.0.0.1 and ::1. What is mounted inside is not seen outside and goes with it.
class SteeredHost {
 public:
  // Runs `task` on a thread of its own inside. Mounts of one run are not those of another.
  void run(const std::function<void()>& task) const;

  std::string pins() const { return folder_ / "pins"; }
  // libra-steer's exit code; what it said is in said().
  int load(const std::string& more = "") const;
  std::string said() const;

 private:
  TempDir folder_;
  NetworkNamespace name_space_;
};

}  // namespace libra::test
