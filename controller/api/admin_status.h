#pragma once

#include <functional>
#include <vector>

#include "controller/api/admin_codec.h"
#include "controller/api/call.h"
#include "controller/service/journal.h"
#include "lib/base/clock.h"

namespace libra::api {

// Asks each configured server now; blocks as long as they take.
struct Probes {
  std::function<std::vector<codec::ServerState>()> databases, job_servers;
};

// spec/libra.md 3.5, and the journal.
class AdminStatusRoutes {
 public:
  AdminStatusRoutes(service::Store& store, const Clock& clock, service::LimitsAdmin& limits, service::Journal& journal,
                    Probes probes)
      : store_(store), clock_(clock), limits_(limits), journal_(journal), probes_(std::move(probes)) {}

  Answer pool(const Call& call) const;
  Answer servers(const Call& call) const;
  Answer counters(const Call& call) const;
  Answer limits(const Call& call) const;
  Answer setLimits(const Call& call) const;
  Answer tenantLimit(const Call& call) const;
  Answer setTenantLimit(const Call& call) const;

  Answer events(const Call& call) const;  // ?object=device/7
  Answer eventsOf(const Call& call, const std::string& object) const;
  Answer audits(const Call& call) const;

 private:
  service::Store& store_;
  const Clock& clock_;
  service::LimitsAdmin& limits_;
  service::Journal& journal_;
  Probes probes_;
};

}  // namespace libra::api
