#include "tests/support/admin_world.h"

namespace libra::test {

AdminWorld::AdminWorld(Certificates certificates) {
  store.edit([](MemoryRows& rows) {
    rows.admin_users = {{"operator", model::AdminLevel::Admin}, {"viewer", model::AdminLevel::User}};
  });
  const api::AdminGate gate(users_, journal_);
  api::Probes probes{[this] { return databases; }, [this] { return job_servers; }};
  api::addAdminRoutes(admin, gate,
                      {store, clock, devices_, vips_, healer, all_load_balancers_, limits_, users_, journal_, probes});
  api::addMetricsRoute(admin, identity, gate,
                       {"0.1.0", store, clock, requests, phases, [this] { return pool; }, healer,
                        [this] { return std::optional(heartbeats); }, probes, certificates});
}

http::Response AdminWorld::metrics(const std::string& remote, const std::string& token) {
  http::Request request;
  request.method = "GET";
  request.path = "/metrics";
  request.remote = NetAddress::parse(remote);
  if (!token.empty()) request.headers.add("X-Auth-Token", token);
  return admin.handle(request, clock.monotonic());
}

std::int64_t AdminWorld::deviceOf(const std::string& lb) {
  return store.rows().load_balancers.at(std::stoll(lb)).device;
}

}  // namespace libra::test
