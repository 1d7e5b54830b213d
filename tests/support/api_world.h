#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "controller/api/dispatcher.h"
#include "controller/api/identity.h"
#include "controller/api/request_counters.h"
#include "controller/api/routes.h"
#include "controller/service/device_sync.h"
#include "lib/json/value.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_gateway.h"
#include "tests/support/memory_store.h"

namespace libra::test {

// Tokens "token-a" and "token-b" of tenants A and B, and "token-unscoped" of nobody; those
// of operators are "token-<tenant>" for the tenants of AdminWorld.
class FakeIdentity final : public api::Identity {
 public:
  Result<api::Caller> identify(const std::string& token) override;
};

struct ApiReply {
  int status = 0;
  json::Value body;  // absent when empty
  std::string text;
  http::Headers headers;
};

// The tenant API with its real services over the store in memory. Devices are played by
// the fake gateway and apply what they are given at once, before the call returns; while
// devicesHang() they take no answer, so load balancers stay as the call left them.
class ApiWorld {
 public:
  explicit ApiWorld(std::vector<NetRange> node_filters = {});

  ApiReply send(const std::string& method, const std::string& path, const std::string& body = "",
                const std::string& token = "token-a", const http::Headers& headers = {});
  ApiReply get(const std::string& path) { return send("GET", path); }

  // The id of a new load balancer of the token's tenant; ACTIVE unless devices hang.
  std::string create(const std::string& body = kWeb, const std::string& token = "token-a");
  std::vector<std::string> nodesOf(const std::string& lb, const std::string& token = "token-a");
  void set(const std::string& lb, model::LbStatus status);
  std::string statusOf(const std::string& lb) { return get("/v1.1/loadbalancers/" + lb).body["status"].text(); }

  void addSpares(int count);  // with a free VIP each, 10.77.9.1 and up
  void devicesHang();
  std::int64_t counted(const std::string& counter);
  std::string state();  // of all rows but counters and journal: equal texts, nothing changed

  static const std::string kWeb;  // name web, nodes 10.20.0.11:80 and 10.20.0.12:80

  FakeClock clock;
  MemoryStore store;
  FakeGateway gateway;
  FakeIdentity identity;
  api::RequestCounters requests;

 protected:
  ApiReply sendTo(const api::Dispatcher& to, const std::string& method, const std::string& path,
                  const std::string& body, const std::string& token, const http::Headers& headers = {});

  service::JoinedStore joined_{store};
  api::Repeatable repeatable_{joined_, clock};
  service::Counters counters_{joined_};
  service::LeaseKeeper leases_{store, clock, "world"};  // nothing is swept here
  service::DeviceSync* waker_ = nullptr;
  service::Context context_;
  service::DeviceSync sync_;
  service::LoadBalancers load_balancers_;
  service::Nodes nodes_;
  service::HealthMonitors monitors_;
  int spares_ = 0;
  bool hang_ = false;

 public:
  api::Dispatcher dispatcher;
};

}  // namespace libra::test
