#include "controller/api/admin_routes.h"

#include "controller/api/admin_call.h"
#include "controller/api/admin_devices.h"
#include "controller/api/admin_faults.h"
#include "controller/api/admin_gate.h"
#include "controller/api/admin_healing.h"
#include "controller/api/admin_load_balancers.h"
#include "controller/api/admin_users.h"
#include "controller/api/admin_vips.h"
#include "controller/api/discovery.h"

namespace libra::api {

namespace {

// The history of the object that the path names.
Handler eventsOf(const AdminStatusRoutes& routes, const char* kind) {
  return [=](const Call& call) { return routes.eventsOf(call, std::string(kind) + "/" + call.path[kind]); };
}

void addVersions(Dispatcher& dispatcher) {
  dispatcher.add("GET", "/", {adminVersionList, Access::Open});
  dispatcher.add("GET", "/v1", {adminVersion1, Access::Open});
  dispatcher.add("GET", "/v2.0", {adminVersion2, Access::Open});
}

void addV1(Dispatcher& dispatcher, const AdminGate& gate, const AdminServices& services) {
  using Devices = AdminV1DeviceRoutes;
  const Devices devices(services.devices);
  const auto device = [&](auto handler) { return withId(devices, "device", handler); };
  const auto look = [&](const char* path, Handler handler) { dispatcher.add("GET", path, {gate.user(handler)}); };
  const auto change = [&](const char* method, const char* path, Handler handler) {
    dispatcher.add(method, path, {gate.change(handler)});
  };

  look("/v1/devices", plain(devices, &Devices::list));
  look("/v1/devices/usage", plain(devices, &Devices::usage));
  look("/v1/devices/{device}", device(&Devices::find));
  change("POST", "/v1/devices", plain(devices, &Devices::add));
  change("PUT", "/v1/devices", plain(devices, &Devices::reportWithoutId));
  change("PUT", "/v1/devices/{device}", device(&Devices::report));
  change("DELETE", "/v1/devices/{device}", device(&Devices::remove));
}

void addV2(Dispatcher& dispatcher, const AdminGate& gate, const AdminServices& services) {
  using Devices = AdminDeviceRoutes;
  using Healing = AdminHealingRoutes;
  using Lbs = AdminLoadBalancerRoutes;
  using State = AdminStatusRoutes;
  using Users = AdminUserRoutes;
  using Vips = AdminVipRoutes;
  const Devices devices(services.devices);
  const Healing healing(services.healer);
  const Lbs lbs(services.load_balancers);
  const State state(services.store, services.clock, services.limits, services.journal, services.probes);
  const Users users(services.users);
  const Vips vips(services.vips);
  const auto device = [&](auto handler) { return withId(devices, "device", handler); };
  const auto lb = [&](auto handler) { return withId(lbs, "loadbalancer", handler); };
  const auto look = [&](const char* path, Handler handler) { dispatcher.add("GET", path, {gate.user(handler)}); };
  const auto change = [&](const char* method, const char* path, Handler handler) {
    dispatcher.add(method, path, {gate.change(handler)});
  };

  look("/v2.0/devices", plain(devices, &Devices::list));
  look("/v2.0/devices/{device}", device(&Devices::find));
  look("/v2.0/devices/{device}/discover", device(&Devices::discover));
  look("/v2.0/devices/{device}/events", eventsOf(state, "device"));
  change("PUT", "/v2.0/devices/{device}", device(&Devices::change));
  change("DELETE", "/v2.0/devices/{device}", device(&Devices::remove));
  change("POST", "/v2.0/devices/{device}/drain", device(&Devices::drain));
  change("POST", "/v2.0/devices/{device}/failover", withId(healing, "device", &Healing::failOver));
  look("/v2.0/loadbalancers", plain(lbs, &Lbs::list));
  look("/v2.0/loadbalancers/{loadbalancer}", lb(&Lbs::find));
  look("/v2.0/loadbalancers/{loadbalancer}/events", eventsOf(state, "loadbalancer"));
  look("/v2.0/loadbalancers/{loadbalancer}/usage", lb(&Lbs::usage));
  change("DELETE", "/v2.0/loadbalancers/{loadbalancer}", lb(&Lbs::remove));
  look("/v2.0/vips", plain(vips, &Vips::list));
  look("/v2.0/vips/{vip}", withId(vips, "vip", &Vips::find));
  change("PUT", "/v2.0/vips/{vip}", withId(vips, "vip", &Vips::move));
  look("/v2.0/vips/{vip}/events", eventsOf(state, "vip"));
  look("/v2.0/events", plain(state, &State::events));
  dispatcher.add("GET", "/v2.0/audit", {gate.admin(plain(state, &State::audits))});
  look("/v2.0/status/pool", plain(state, &State::pool));
  look("/v2.0/status/breaker", plain(healing, &Healing::breaker));
  change("PUT", "/v2.0/status/breaker", plain(healing, &Healing::setBreaker));
  look("/v2.0/status/service", plain(state, &State::servers));
  look("/v2.0/status/counters", plain(state, &State::counters));
  look("/v2.0/status/limits", plain(state, &State::limits));
  change("PUT", "/v2.0/status/limits", plain(state, &State::setLimits));
  look("/v2.0/status/limits/{tenant}", plain(state, &State::tenantLimit));
  change("PUT", "/v2.0/status/limits/{tenant}", plain(state, &State::setTenantLimit));
  dispatcher.add("GET", "/v2.0/user", {gate.admin(plain(users, &Users::list))});
  look("/v2.0/user/{tenant}", plain(users, &Users::find));
  change("POST", "/v2.0/user", plain(users, &Users::add));
  change("PUT", "/v2.0/user/{tenant}", plain(users, &Users::change));
  change("DELETE", "/v2.0/user/{tenant}", plain(users, &Users::remove));
}

}  // namespace

void addAdminRoutes(Dispatcher& dispatcher, const AdminGate& gate, const AdminServices& services) {
  dispatcher.addFaults("/v1", adminV1Fault);
  dispatcher.addFaults("", adminFault);
  addVersions(dispatcher);
  addV1(dispatcher, gate, services);
  addV2(dispatcher, gate, services);
}

}  // namespace libra::api
