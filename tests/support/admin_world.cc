#include "tests/support/admin_world.h"

namespace libra::testing {

AdminWorld::AdminWorld() {
  store.edit([](MemoryRows& rows) {
    rows.admin_users = {{"operator", model::AdminLevel::Admin}, {"viewer", model::AdminLevel::User}};
  });
  api::addAdminRoutes(admin, {store,
                              clock,
                              devices_,
                              all_load_balancers_,
                              limits_,
                              users_,
                              journal_,
                              {[this] { return databases; }, [this] { return job_servers; }}});
}

std::int64_t AdminWorld::deviceOf(const std::string& lb) {
  return store.rows().load_balancers.at(std::stoll(lb)).device;
}

}  // namespace libra::testing
