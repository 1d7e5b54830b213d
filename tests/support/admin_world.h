#pragma once

#include "controller/api/admin_routes.h"
#include "tests/support/api_world.h"

namespace libra::testing {

// The admin API beside the tenants' one, over the same rows. Tenant "operator" is ADMIN,
// "viewer" is USER, "stranger" is neither; the tokens of all three have role ADMIN.
// "token-operator-looks" and "token-operator-tenant" are of the first, with lesser roles.
class AdminWorld : public ApiWorld {
 public:
  AdminWorld();

  ApiReply ask(const std::string& method, const std::string& path, const std::string& body = "",
               const std::string& token = "token-operator") {
    return sendTo(admin, method, path, body, token);
  }

  std::int64_t deviceOf(const std::string& lb);
  model::Device device(std::int64_t id) { return store.rows().devices.at(id); }

  std::vector<api::codec::ServerState> databases{{"db1", true}, {"db2", false}};
  std::vector<api::codec::ServerState> job_servers{{"10.0.0.1", true}};

 private:
  service::Failover failover_{context_};
  service::DevicesAdmin devices_{context_, gateway, failover_};
  service::LoadBalancersAdmin all_load_balancers_{context_, load_balancers_};
  service::LimitsAdmin limits_{store};
  service::AdminUsers users_{store};
  service::Journal journal_{context_};

 public:
  api::Dispatcher admin{identity, requests, clock};
};

}  // namespace libra::testing
