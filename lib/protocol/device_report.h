#pragma once

// What a device tells of itself (spec 4.4: STATS, METRICS, DISCOVER, DIAGNOSTICS).
// As in device_answer.h, each takes the request over, adds to it and says PASS.

#include <array>
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

struct NodeChange {
  NodeHealth health = NodeHealth::Up;
  std::string reason;
  Time at{};
};

struct NodeStatus {
  NodeHealth health = NodeHealth::Up;
  std::string reason;               // what the check found that made it so
  std::string last_check;           // what the last one found
  Time since{};                     // as far as the sidecar has seen
  std::vector<NodeChange> changes;  // the last ones, oldest first
};
json::Value withHealth(json::Value request, const std::map<std::string, NodeStatus>& nodes);

// What happened on a device since, for the controller's journal; told again in every STATS
// until it is old, so that a lost answer loses nothing.
struct DeviceEvent {
  Time at{};
  std::string text;  // for people, one line
};
json::Value withEvents(json::Value answer, const std::vector<DeviceEvent>& events);

// FAIL: the device carries nothing. `action` is the word of the request.
json::Value onDeleted(json::Value request, std::string_view action);

using StatusClasses = std::array<std::uint64_t, 5>;  // answers 1xx to 5xx

struct UsageCounters {
  std::uint64_t bytes_in = 0, bytes_out = 0, connections = 0, requests = 0;
  StatusClasses statuses{};
  bool operator==(const UsageCounters&) const = default;
};

struct LoadBalancerUsage {
  std::string id;  // "" when an ancestor's message made it
  Protocol protocol = Protocol::Http;
  UsageCounters used;
  std::map<std::string, UsageCounters> nodes;  // by id, those of no longer configured ones too
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
// The same, of an answer; ids that no device of ours gives are "". Invalid: it is no report, or
// one of more load balancers than kMostReported, which no device can have carried.
constexpr std::size_t kMostReported = 4000;
Result<UsagePeriod> readUsage(const json::Value& answer);
std::string writeMetrics(std::uint64_t acknowledged);                   // the job that asks for it
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
  std::string listening{};  // how the device comes to its ports, for people; "": not told
};
json::Value withDiagnosis(json::Value request, const Diagnosis& diagnosis);

}  // namespace libra::protocol
