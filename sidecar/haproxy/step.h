#pragma once

#include <string>
#include <variant>
#include <vector>

#include "lib/base/result.h"
#include "sidecar/haproxy/proxy_state.h"

namespace libra::sidecar::haproxy {

enum class MapFile { Device, Balancers, Vips, Drains };
constexpr MapFile kMapFiles[] = {MapFile::Device, MapFile::Balancers, MapFile::Vips, MapFile::Drains};
std::string fileName(MapFile map);  // its name on the stats socket, "lb.map"
Entries& entriesOf(ProxyState& state, MapFile map);
const Entries& entriesOf(const ProxyState& state, MapFile map);

// One change to a running proxy, visible to connections all at once or not at all.
struct AddServer {  // under a name nobody has; begins in maintenance, checked
  std::string backend, name;
  Server server;
};
struct SetAdmin {
  std::string backend, name;
  Admin admin = Admin::Ready;
};
struct SetWeight {
  std::string backend, name;
  int weight = 1;
};
struct CutSessions {  // of a server, at once
  std::string backend, name;
};
struct DeleteServer {  // in maintenance, its quarantine over
  std::string backend, name;
};
struct AddEntry {  // the key is not there: HAProxy would keep both
  MapFile map;
  std::string key, value;
};
struct SetEntry {
  MapFile map;
  std::string key, value;
};
struct RemoveEntry {
  MapFile map;
  std::string key;
};
struct ForgetSources {  // of the clients that stick to a server
  std::string table;
};

using Step = std::variant<AddServer, SetAdmin, SetWeight, CutSessions, DeleteServer, AddEntry, SetEntry, RemoveEntry,
                          ForgetSources>;

// A line for the stats socket and the only answer that means it was done.
struct Command {
  std::string line;
  std::string answer;
};

// Refuses what no quoting can carry or what is too long.
Result<std::vector<Command>> commandsFor(const Step& step);

// `weight 1 check inter 30s …`: the attributes of a server, for `add server` and for the
// configuration file. The name carries delay and attempts.
Result<std::string> serverArguments(const std::string& name, const Server& server);

}  // namespace libra::sidecar::haproxy
