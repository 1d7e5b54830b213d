#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lib/base/net_address.h"
#include "lib/protocol/terms.h"

namespace libra::model {

// spec/libra.md 1.7; a tenant's override is already in max_load_balancers.
struct Limits {
  int max_name_length = 128;
  int max_vips_per_load_balancer = 1;  // informative
  int max_nodes_per_load_balancer = 50;
  int max_load_balancers = 20;
  int load_balancers = 0;  // places the tenant has taken, others' unfinished changes not counted
};

// An enabled row of `ports`: this protocol may listen there.
struct PortRule {
  Protocol protocol;
  std::uint16_t port;
};

}  // namespace libra::model
