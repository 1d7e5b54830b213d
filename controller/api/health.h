#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "controller/api/dispatcher.h"
#include "lib/base/clock.h"
#include "lib/base/locked.h"
#include "lib/base/result.h"

namespace libra::api {

inline constexpr const char* kHealthPath = "/healthz";

// Whether this controller can do its work, asked of a list of checks and remembered for
// five seconds, so that many probes cost no more than one. Thread-safe; answer() blocks as
// long as the checks do, for one caller at a time: the others are told the last verdict.
class Readiness {
 public:
  struct Check {
    std::string name;
    std::function<Status()> run;  // the message of its error is shown to anybody
  };

  Readiness(const Clock& clock, std::vector<Check> checks) : clock_(clock), checks_(std::move(checks)) {}

  http::Response answer();

 private:
  struct State {
    std::optional<http::Response> verdict;
    Instant until{};
    bool asking = false;
  };
  http::Response ask() const;

  const Clock& clock_;
  const std::vector<Check> checks_;
  Locked<State> state_;
};

// GET /healthz: the process serves requests, nothing else is looked at. GET /readyz: 200
// or 503 with the checks that fail. Both without a token.
void addHealthRoutes(Dispatcher& dispatcher, Readiness& readiness);

}  // namespace libra::api
