#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "lib/base/result.h"
#include "sidecar/haproxy/plan.h"
#include "sidecar/haproxy/process_info.h"
#include "sidecar/haproxy/proxy_state.h"
#include "sidecar/haproxy/runtime_socket.h"
#include "sidecar/haproxy/servers_state.h"

namespace libra::sidecar::haproxy {

// What HAProxy says about one server besides its configuration.
struct ServerActivity {
  std::string backend, name;
  bool up = false;                                    // takes traffic as far as its checks say
  std::int64_t sessions = 0;                          // now, queued ones too
  std::chrono::seconds since_change{0};               // of its state
  std::string check;                                  // what the last one found
  Counters counters;                                  // since it was added
  std::optional<std::chrono::seconds> since_session;  // since the last one began
};

struct RunningState {
  ProcessInfo process;
  ProxyState state;
  ServerStates servers;  // those of `state` and whatever others there are, with what their checks say
};

struct LiveState : RunningState {
  std::vector<ServerActivity> activity;
};

// Each is a command, and HAProxy turns to its traffic after every one.
struct Parts {
  bool process = false, servers = false, certificates = false;
  std::set<MapFile> maps{};

  static Parts all();
  static Parts changedBy(const Plan& plan);
};

// All of it; of certificates and authorities of nodes, unless they are asked for, what the map of certificates
// tells of. One round trip, another one where there are certificates.
Result<RunningState> readRunning(RuntimeSocket& socket, bool certificates = true);

// What is not among `parts` stays as it was.
Status readAgain(RuntimeSocket& socket, const Parts& parts, RunningState& live);

// readRunning() and several times the work for HAProxy: of one with many servers, most of a change's.
Result<LiveState> readLive(RuntimeSocket& socket);

// Of the given slots, those that have any: a dozen backends each, of hundreds.
Result<std::map<int, Counters>> readTotals(RuntimeSocket& socket, const std::vector<int>& slots);

// The lines "0x55d0 key value" of `show map`. A key that is there twice with different
// values gets one that nobody wants, so that it is set right.
Result<Entries> parseMap(std::string_view answer);

}  // namespace libra::sidecar::haproxy
