#pragma once

// Jobs to a device and their answers (spec/libra.md 4.4), both ends of the wire.
// Everything read here is hostile. Used by controller/jobs and sidecar/agent.

#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "lib/base/result.h"
#include "lib/json/value.h"
#include "lib/protocol/device_state.h"

namespace libra::protocol {

// --- UPDATE -----------------------------------------------------------------

// The message of spec 4.4 with our additions: top level "generation" (integer),
// "virtualIps" [{"address","prefix","epoch"}]; per LB "id" (string), "addresses", and as
// Atlas spells them "sessionPersistence", "accessList", "connectionThrottle", "errorpage",
// "connectionLogging", "halfClosed", "httpsRedirect", "sslTermination" (with its
// "certificateMappings"); by names of our own "suspended", "xForwardedFor", "xForwardedProto",
// "xForwardedPort", "proxyProtocol", "nodeTls" {"verify","caCertificate","hostName"};
// per node "tls" and condition DRAINING with "drainUntil" (Unix time).
json::Value writeUpdate(const DeviceState& state);

// A structural error is answered with badRequest, a bad value with FAIL and perhaps a text.
struct BadRequest {
  std::string message;
};  // validationErrors.message
struct Refused {
  std::string error;
};  // hpcs_error; "" = FAIL without text
using ReadUpdate = std::variant<DeviceState, BadRequest, Refused>;

// Validates in the spec's order. `condition` is honoured only in messages with a
// generation (the ancestor's workers ignored it). A legacy DeviceState has generation 0.
ReadUpdate readUpdate(const json::Value& message);

// On disk the state is the UPDATE message itself plus "suspended".
json::Value writeStateFile(const DeviceState& state);
Result<DeviceState> readStateFile(std::string_view text);

// --- answers, as the controller reads them ------------------------------------

enum class NodeHealth { Up, Down };

struct Answer {
  bool pass = false;
  std::string error;                        // the tenant-visible text of a failure, mapped as spec 4.3 says
  std::uint64_t generation = 0;             // what the proxy runs now (read back); 0 from an ancestor's worker
  bool already_newer = false;               // nothing done: a newer generation runs
  std::string mechanism;                    // "runtime", … ; "" when nothing had to change
  double ms = 0;                            // time the apply took on the device
  std::map<std::string, NodeHealth> nodes;  // STATS: node id → health
  std::vector<std::string> events;          // STATS: time and text of each, unlike any other; the oldest first
  std::string version, driver;              // DISCOVER
  std::vector<std::string> capabilities;    // DISCOVER: words of the driver
  json::Value body;                         // the whole answer, for what else it holds
};

Result<Answer> readAnswer(std::string_view payload);

}  // namespace libra::protocol
