#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "lib/protocol/device_job.h"

namespace libra::service {

// What a tenant reads when a job got no answer (spec 4.3).
inline constexpr std::string_view kNotDelivered = "System error communicating with load balancer";
inline constexpr std::string_view kNoAnswer = "Timeout error communicating with load balancer";

inline constexpr std::string_view kSelfCheck = "self-check";

// The way to devices. Calls return at once; `done` runs later on a thread of the
// gateway and must not block long (post to a pool). Exactly once per call, also at
// shutdown (Unavailable). A device that hangs delays nobody else's calls.
class DeviceGateway {
 public:
  using Done = std::function<void(Result<protocol::Answer>)>;

  virtual ~DeviceGateway() = default;
  // Error Unavailable: not delivered (kNotDelivered) or no answer in time (kNoAnswer); the outcome is unknown.
  virtual void update(const std::string& device, const protocol::DeviceState& state, Done done) = 0;
  virtual void stats(const std::string& device, Done done) = 0;  // node health
  // What was used since the period that is acknowledged (protocol::readUsage of the answer's body).
  virtual void metrics(const std::string& device, std::uint64_t acknowledged, Done done) = 0;
  // Whether a device that carries nothing would: one real request through its proxy. Only of those
  // that told the capability kSelfCheck.
  virtual void check(const std::string& device, Done done) = 0;
  virtual void discover(const std::string& device, std::chrono::milliseconds timeout, Done done) = 0;
};

}  // namespace libra::service
