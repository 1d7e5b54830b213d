#pragma once

// What a device tells of itself (spec 4.4: STATS, METRICS, DISCOVER, DIAGNOSTICS).
// As in device_answer.h, each takes the request over, adds to it and says PASS.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/clock.h"
#include "lib/protocol/device_job.h"

namespace libra::protocol {

json::Value withHealth(json::Value request, const std::map<std::string, NodeHealth>& nodes);

// FAIL: the device carries nothing. `action` is the word of the request.
json::Value onDeleted(json::Value request, std::string_view action);

struct LoadBalancerUsage {
  std::string id;  // "" when an ancestor's message made it
  Protocol protocol = Protocol::Http;
  std::uint64_t bytes_in = 0, bytes_out = 0, connections = 0, requests = 0;
  bool operator==(const LoadBalancerUsage&) const = default;
};

// What was used between two moments. A period is told again, unchanged, until a request
// names its sequence in "acknowledged".
struct UsagePeriod {
  std::uint64_t sequence = 0;
  Time start{}, end{};
  std::vector<LoadBalancerUsage> load_balancers;
};
json::Value withUsage(json::Value request, const UsagePeriod& period);
std::optional<std::uint64_t> acknowledged(const json::Value& request);  // none: an ancestor's, who never asks twice

struct Release {
  std::string version, release;
  std::string driver, proxy;  // "haproxy", "2.6.12"
  std::vector<std::string> capabilities;
  int max_load_balancers = 0;
};
json::Value withRelease(json::Value request, const Release& release);

struct Diagnosis {
  std::vector<std::pair<std::string, bool>> job_servers;  // host, connected
  bool network = false;
};
json::Value withDiagnosis(json::Value request, const Diagnosis& diagnosis);

}  // namespace libra::protocol
