#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "controller/api/admin_gate.h"
#include "controller/api/admin_status.h"
#include "controller/api/dispatcher.h"
#include "controller/service/change_phases.h"
#include "controller/service/healer.h"
#include "controller/service/spare_pool.h"

namespace libra::api {

// What the listener for the devices' beats knows of them.
struct Heartbeats {
  std::size_t connected = 0;
  std::uint64_t authentic = 0, refused = 0, replayed = 0, late = 0;
  std::chrono::microseconds worst_delay{0};  // of late
  bool blind = false;                        // no device is heard at all
  int late_turns = 0;                        // of the listener itself
};

// What the metrics tell of. All of it must outlive the dispatcher.
struct MetricSources {
  std::string version;
  service::Store& store;
  const Clock& clock;
  RequestCounters& requests;
  const service::ChangePhases& phases;
  std::function<service::SparePool::State()> pool;
  service::Healer& healer;
  std::function<std::optional<Heartbeats>()> heartbeats;  // none: devices are not watched
  Probes probes;
  std::vector<std::pair<std::string, std::string>> certificates;  // use, PEM file
};

// The controller's metrics in Prometheus' text format; blocks. What needs the database is
// left out while that cannot be read (libra_db_up says so).
std::string writeMetrics(const MetricSources& sources);

// GET /metrics: from a loopback address without a token, else for level USER.
void addMetricsRoute(Dispatcher& dispatcher, Identity& identity, const AdminGate& gate, MetricSources sources);

}  // namespace libra::api
