#pragma once

// What a tenant asks for, after type checks and before the rules: numbers are as
// wide as JSON's, addresses and protocols still text. api/codec.cc fills these,
// validation.cc turns them into model structs or the error the spec names.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/protocol/terms.h"

namespace libra::service {

struct NodeRequest {
  std::string address;
  std::int64_t port = 0;
  bool enabled = true;
  std::int64_t weight = 1;
  bool backup = false;
};

struct OptionsRequest {
  std::optional<std::int64_t> timeout;  // ms
  std::optional<std::int64_t> retries;
};

struct LoadBalancerRequest {
  std::string tenant;
  std::string name;
  std::vector<NodeRequest> nodes;
  std::string protocol;              // any case; "" is HTTP
  std::optional<std::int64_t> port;  // 0 counts as not given
  Algorithm algorithm = Algorithm::RoundRobin;
  OptionsRequest options;
  std::optional<std::int64_t> virtual_ip;  // share this one
};

struct LoadBalancerChange {
  std::optional<std::string> name;
  std::optional<Algorithm> algorithm;
  OptionsRequest options;  // each given one is stored alone
};

struct NodeChange {
  std::optional<bool> enabled;
  std::optional<std::int64_t> weight;
};

struct MonitorRequest {
  std::optional<MonitorType> type;
  std::optional<std::int64_t> delay, timeout, attempts;
  std::optional<std::string> path;  // as sent, not encoded yet
};

}  // namespace libra::service
