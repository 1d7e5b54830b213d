#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lib/http/client.h"
#include "lib/json/value.h"

namespace libra::bench {

// The Libra that `make run` started, as run/env describes it. One thread. Every call ends
// the program with a message when it fails: a benchmark of failures is none.
class RunningLibra {
 public:
  RunningLibra();  // from the environment

  struct Made {
    std::string id;
    double answered_ms;  // when the 202 was here
  };
  Made create(const std::string& name);
  std::optional<Made> tryCreate(const std::string& name);  // none: no spare was free
  std::string vipOf(const std::string& id);
  std::string statusOf(const std::string& id);
  std::string deviceOf(const std::string& id);  // the name of the one that carries it
  void waitUntilActive(const std::string& id);
  void removeAndWait(const std::string& id);
  void waitForPool(int spares);  // until so many devices and VIPs are free

  // Counts and sums of a histogram by phase, now.
  struct Phase {
    double count = 0, seconds = 0;
  };
  using Phases = std::map<std::string, Phase>;
  Phases phases(const std::string& histogram = "libra_change_phase_seconds");

  const std::string client_netns;

 private:
  json::Value ask(const std::string& path);  // the operator's API
  http::Response send(const std::string& method, const std::string& path, const std::string& body = {});

  http::Client api_, admin_, metrics_;
  std::string body_nodes_;
};

// The means of what came between.
void printPhases(const RunningLibra::Phases& before, const RunningLibra::Phases& after);

[[noreturn]] void die(const std::string& text);
std::string environment(const char* name);  // dies when unset

}  // namespace libra::bench
