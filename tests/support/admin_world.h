#pragma once

#include "controller/api/admin_routes.h"
#include "controller/api/metrics.h"
#include "tests/support/api_world.h"
#include "tests/support/fake_provider.h"

namespace libra::test {

// The admin API beside the tenants' one, over the same rows. Tenant "operator" is ADMIN,
// "viewer" is USER, "stranger" is neither; the tokens of all three have role ADMIN.
// "token-operator-tenant" is of the first, with the least role.
class AdminWorld : public ApiWorld {
 public:
  using Certificates = std::vector<std::pair<std::string, std::string>>;
  explicit AdminWorld(Certificates certificates = {});

  ApiReply ask(const std::string& method, const std::string& path, const std::string& body = "",
               const std::string& token = "token-operator") {
    return sendTo(admin, method, path, body, token);
  }

  // As it is asked for from `remote`.
  http::Response metrics(const std::string& remote = "127.0.0.1", const std::string& token = "");

  std::int64_t deviceOf(const std::string& lb);
  void holdsTheLeases() { leases_.campaign(); }
  model::Device device(std::int64_t id) { return store.rows().devices.at(id); }

  std::vector<api::codec::ServerState> databases{{"db1:3306", true}, {"db2:3306", false}};
  std::vector<api::codec::ServerState> job_servers{{"10.0.0.1:4731", true}};

  service::ChangePhases phases;
  service::SparePool::State pool{3, 3, 0, 250, ""};
  api::Heartbeats heartbeats;
  FakeProvider provider;
  // Does at once what it is told; whoever it is told of is dead.
  service::Healer healer{context_,
                         provider,
                         [](const std::function<void()>& task) { task(); },
                         {[](const std::string&) { return true; }, [](const std::string&) { return false; }}};

 private:
  service::Failover failover_{context_};
  service::DevicesAdmin devices_{context_, gateway, failover_};
  service::VipsAdmin vips_{context_, failover_};
  service::LoadBalancersAdmin all_load_balancers_{context_, load_balancers_};
  service::LimitsAdmin limits_{store};
  service::AdminUsers users_{store};
  service::Journal journal_{context_};

 public:
  api::Dispatcher admin{identity, requests, clock};
};

}  // namespace libra::test
