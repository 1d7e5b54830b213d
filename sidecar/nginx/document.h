#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "lib/json/value.h"
#include "lib/protocol/device_state.h"

namespace libra::sidecar::nginx {

// A device's state as the modules' control protocol has it (modules/nginx/README.md). What
// nginx need not know, a monitor say, is in the note that belongs to the document.

// A load balancer and its counters begin anew with another protocol.
std::string nameOf(const protocol::LoadBalancerState& balancer);  // "15.http"

// The form GET /state gives back: equal text of two documents means nothing to do. There are
// no private keys in it. A drain that has ended at `at` (Unix time) leaves no peer.
json::Value balancerDocument(const protocol::LoadBalancerState& balancer, bool suspended, std::chrono::seconds at);
json::Value document(const protocol::DeviceState& state, std::chrono::seconds at, std::int64_t revision);

// Puts the keys into a document that is made of this state and about to be sent. Where the state
// knows none, nginx keeps what it has for that certificate.
void addKeys(json::Value& document, const protocol::DeviceState& state);

// What runs, as the document tells it; of TLS certificates with their chains, and no keys. A load balancer that is not
// as its note says was changed by somebody else, and is left out.
protocol::DeviceState describe(const json::Value& document);

// Whether both say the same, whatever their revisions and the times they were made at.
bool sameContent(const json::Value& one, const json::Value& other);

// The names of load balancers that differ, or that only one of them has.
std::vector<std::string> differences(const json::Value& one, const json::Value& other);

std::string endpoint(const NetAddress& address, std::uint16_t port);

}  // namespace libra::sidecar::nginx
