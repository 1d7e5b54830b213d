#pragma once

#include <string>
#include <vector>

#include "lib/base/result.h"

namespace libra::sidecar {

struct Output {
  int status = 0;    // as waitpid() gives it
  std::string text;  // standard output and error
};

// Runs a program to its end. Unavailable when it cannot be run, says too much, or is silent
// for 20 s: then it is killed.
Result<Output> runProgram(const std::vector<std::string>& words);

Error cannotRun(const std::string& binary, const std::string& why);

// What follows `before` up to the next blank in what `binary -v` says: "1.22.1".
Result<std::string> versionOf(const std::string& binary, const std::string& before);

}  // namespace libra::sidecar
