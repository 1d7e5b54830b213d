#pragma once

// The device's end of device_job.h: what a job asks for, and the answers of spec
// 4.4, which are the request with fields added. The request is hostile until read.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "lib/protocol/device_job.h"

namespace libra::protocol {

enum class Action { Update, Suspend, Enable, Delete, Stats, Metrics, Archive, Discover, Diagnostics, Check };

struct Job {
  std::optional<Action> action;  // none: missing or unknown
  json::Value request;           // an object, always; secrets already replaced by *****
};

// Anything unreadable is an empty request without action: it is answered with FAIL.
Job readJob(std::string_view payload);

// Each takes the request over and adds to it.
json::Value passed(json::Value request);
json::Value failed(json::Value request, std::string_view error = {});  // "" adds no hpcs_error
json::Value badRequest(std::string_view message);                      // without the request, as the ancestor did

// How an UPDATE went, for both outcomes.
struct Outcome {
  std::uint64_t generation = 0;  // what the proxy runs now; not told to an ancestor
  bool already_newer = false;
  std::string mechanism;  // "" when nothing had to change
  double ms = 0;
  std::map<std::string, bool> node_ok;  // by node id
};
json::Value updated(json::Value request, const Outcome& outcome);
// The proxy could not be made so: the nodes of the last load balancer become DISABLED.
// An ancestor is told no reason, as it was used to.
json::Value updateFailed(json::Value request, std::string_view error);

// ARCHIVE, checked in the spec's order; nothing when the request is sound.
std::variant<std::monostate, BadRequest, Refused> checkArchive(const json::Value& request);

}  // namespace libra::protocol
