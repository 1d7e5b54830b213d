#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/mariadb_process.h"

namespace libra::test {

// Three MariaDB nodes on loopback that form a Galera cluster with a group timeout of about a
// second; all in step when constructed, after some 6 s. Schemas are made on node 0 and are
// everywhere. Failures throw.
class GaleraCluster {
 public:
  static constexpr std::size_t kNodes = 3;

  GaleraCluster();

  MariadbProcess& node(std::size_t index) { return *nodes_[index].server; }
  std::string makeSchema() { return node(0).makeSchema(); }
  // All nodes over TCP, the preferred one first, then round.
  store::mysql::Options options(const std::string& schema, std::size_t preferred = 0) const;

  void isolate(std::size_t index);  // from the group, not from its clients: it loses its quorum
  void restart(std::size_t index);  // after kill(); waits for nothing
  // Every node as a test likes it: running, thawed, joined, in step.
  void heal();

 private:
  struct Node {
    int group = 0, ist = 0, sst = 0;  // ports
    std::unique_ptr<MariadbProcess> server;
  };

  std::vector<std::string> argumentsOf(const Node& node, bool first) const;
  void waitUntilSynced(std::size_t index, std::size_t members);

  std::array<Node, kNodes> nodes_;
};

}  // namespace libra::test
