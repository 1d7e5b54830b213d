#pragma once

#include <string>
#include <vector>

#include "controller/store/mysql/options.h"

namespace libra::store::mysql {

struct ServerState {
  std::string server;
  bool online = false;  // it takes a session of ours: on Galera only with a quorum
};

// Asks each server of the options now, over a connection of its own; blocks.
std::vector<ServerState> probe(const Options& options);

}  // namespace libra::store::mysql
