#pragma once

#include <string>

#include "bench/samples.h"

namespace libra::bench {

// What no control plane of this shape can be faster than, measured in the same run: one
// durable commit, one Gearman round trip through the verified TLS, and the bare runtime
// commands of a two-node load balancer to the first proxied answer.
struct Floor {
  Samples commit, job, runtime;
};

struct FloorOptions {
  std::string database_socket, schema;  // an empty database
  std::string netns;                    // where job servers are reached
  std::string job_server, ca, certificate, key;
  std::string device;             // a spare that answers DISCOVER
  std::string node_netns_client;  // a namespace that reaches the nodes
  std::string node1, node2;       // "address:port"
  int rounds = 200;
};

Floor measureFloor(const FloorOptions& options);

}  // namespace libra::bench
