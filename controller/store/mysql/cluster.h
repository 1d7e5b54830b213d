#pragma once

#include "controller/model/device.h"
#include "controller/model/virtual_ip.h"
#include "controller/store/mysql/candidates.h"
#include "controller/store/mysql/options.h"
#include "controller/store/mysql/server_list.h"

namespace libra::store::mysql {

// What all sessions of a store share.
struct Cluster {
  Options options;
  ServerList servers;
  Committed committed;
  Candidates<model::VirtualIp> free_vips{};
  Candidates<model::Device> spares{};

  static Result<std::shared_ptr<Cluster>> make(Options options, Committed committed = {}) {
    if (options.servers.empty()) return Error{ErrorCode::Invalid, "no database server is given"};
    std::vector<Server> servers;
    for (const auto& text : options.servers) {
      auto server = Server::parse(text);
      if (!server) return server.error();
      servers.push_back(*server);
    }
    return std::make_shared<Cluster>(options, std::move(servers), std::move(committed));
  }

  Cluster(Options o, std::vector<Server> s, Committed c)
      : options(std::move(o)), servers(std::move(s), options.failback), committed(std::move(c)) {}
};

}  // namespace libra::store::mysql
