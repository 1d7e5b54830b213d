#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/result.h"
#include "sidecar/haproxy/proxy_state.h"
#include "sidecar/haproxy/runtime_socket.h"

namespace libra::sidecar::haproxy {

// What HAProxy says about one server besides its configuration.
struct ServerActivity {
  std::string backend, name;
  bool up = false;                                    // takes traffic as far as its checks say
  std::int64_t sessions = 0;                          // now, queued ones too
  std::chrono::seconds since_change{0};               // of its state
  std::optional<std::chrono::seconds> since_session;  // since the last one began
};

struct LiveState {
  ProxyState state;
  std::vector<ServerActivity> activity;
};

// One round trip.
Result<LiveState> readLive(RuntimeSocket& socket);

// Totals of every slot that has any.
Result<std::map<int, Counters>> readTotals(RuntimeSocket& socket);

// The same for the given slots only, which is much cheaper.
Result<std::map<int, Counters>> readTotals(RuntimeSocket& socket, const std::vector<int>& slots);

// Changes when the process does.
Result<std::uint64_t> readProcess(RuntimeSocket& socket);

// The lines "0x55d0 key value" of `show map`. A key that is there twice with different
// values gets one that nobody wants, so that it is set right.
Result<Entries> parseMap(std::string_view answer);

}  // namespace libra::sidecar::haproxy
