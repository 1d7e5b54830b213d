#pragma once

#include <string>
#include <variant>
#include <vector>

#include "lib/base/result.h"
#include "lib/base/secret.h"
#include "sidecar/haproxy/proxy_state.h"

namespace libra::sidecar::haproxy {

enum class MapFile { Device, Balancers, Vips, Drains, Access, Pages, Certificates };
constexpr MapFile kMapFiles[] = {MapFile::Device, MapFile::Balancers, MapFile::Vips,        MapFile::Drains,
                                 MapFile::Access, MapFile::Pages,     MapFile::Certificates};
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
struct SetHealth {  // of a server HAProxy does not check
  std::string backend, name;
  bool up = true;
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
// Over when every thread of HAProxy has ended what it was at: whoever read a map before has its server now.
struct GracePeriod {};
struct ForgetSources {  // of the clients that stick to a server
  std::string table;
};
struct AddStore {  // empty: the next thing is to put something into it
  std::string store;
};
struct PutCertificate {
  std::string store;
  Secret bundle;
};
struct ListHost {  // the store is shown to those who ask for its host
  std::string store;
};
struct UnlistHost {
  std::string store;
};
struct DeleteStore {  // not listed
  std::string store;
};
struct AbortTransaction {  // of whoever began to change this store
  std::string store;
};
struct AddAuthority {  // under a name nobody has
  std::string authority, certificates;
};
struct DeleteAuthority {  // no server needs it
  std::string authority;
};

using Step = std::variant<AddServer, SetAdmin, SetWeight, SetHealth, CutSessions, DeleteServer, AddEntry, SetEntry,
                          RemoveEntry, GracePeriod, ForgetSources, AddStore, PutCertificate, ListHost, UnlistHost,
                          DeleteStore, AbortTransaction, AddAuthority, DeleteAuthority>;

// What a step changes, by its name on the stats socket: "vip.map *:80"; "": nothing.
std::string subjectOf(const Step& step);

// A line for the stats socket and how the only answer ends that means it was done; "": all of it.
struct Command {
  std::string line;
  std::string answer;
  Secret payload{};  // lines to follow it, perhaps none
};

// Refuses what no quoting can carry or what is too long.
Result<std::vector<Command>> commandsFor(const Step& step);

// `weight 1 check inter 30s …`: the attributes of a server, for `add server` and for the
// configuration file. The name carries delay and attempts.
Result<std::string> serverArguments(const std::string& name, const Server& server);

}  // namespace libra::sidecar::haproxy
