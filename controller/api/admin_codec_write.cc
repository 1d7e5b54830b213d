#include "controller/api/admin_codec.h"
#include "controller/api/codec.h"
#include "lib/base/host_port.h"
#include "lib/json/value.h"

namespace libra::api::codec {

namespace {

using json::Value;
using model::DeviceStatus;
using service::DeviceView;
using service::LoadBalancerView;

template <typename Elements, typename Write>
Value array(const Elements& elements, Write write) {
  auto list = Value::array();
  for (const auto& element : elements) list.push(write(element));
  return list;
}

std::string wrapped(std::string_view name, const Value& value) { return json::dump(Value::object().set(name, value)); }

Value vips(const std::vector<model::VirtualIp>& all) {
  return array(all, [](const model::VirtualIp& vip) {
    return Value::object().set("id", vip.id).set("address", vip.address.str());
  });
}

Value vip(const model::VirtualIp& vip) {
  return Value::object()
      .set("id", vip.id)
      .set("address", vip.address.str())
      .set("device", vip.device == 0 ? Value::null() : Value::of(vip.device))
      .set("epoch", static_cast<std::int64_t>(vip.epoch));
}

Value carried(const DeviceView& view, std::string_view tenant_key) {
  return array(view.load_balancers, [&](const model::LoadBalancer& lb) {
    return Value::object().set("id", lb.id).set(tenant_key, lb.tenant);
  });
}

Value common(const model::Device& device) {
  auto value = Value::object();
  value.set("id", device.id)
      .set("name", device.name)
      .set("az", model::zoneNumber(device.zone))
      .set("type", device.driver)
      .set("status", name(device.status))
      .set("created", timestamp(device.created))
      .set("updated", timestamp(device.updated));
  return value;
}

Value deviceV1(const DeviceView& view, std::string_view tenant_key) {
  auto value = common(view.device);
  value.set("publicIpAddr", view.device.address)
      .set("floatingIpAddr", view.device.address)
      .set("loadBalancers", carried(view, tenant_key));
  return value;
}

Value device(const DeviceView& view) {
  auto value = common(view.device);
  value.set("ip", view.device.address)
      .set("vip", vips(view.vips))
      .set("zone", view.device.zone)
      .set("hostGroup", view.device.host_group)
      .set("maintenance", view.device.maintenance);
  return value;
}

Value loadBalancer(const LoadBalancerView& view) {
  const auto& lb = view.lb;
  auto value = Value::object();
  value.set("id", lb.id)
      .set("name", lb.name)
      .set("status", name(lb.status))
      .set("tenantid", lb.tenant)
      .set("tenant", lb.tenant)
      .set("protocol", name(lb.protocol))
      .set("algorithm", name(lb.algorithm))
      .set("port", static_cast<std::int64_t>(lb.port))
      .set("created", timestamp(lb.created))
      .set("updated", timestamp(lb.updated))
      .set("vip", vips(view.vips));
  return value;
}

Value waiting(const std::optional<service::Waiting>& waiting) {
  if (!waiting) return Value::null();
  return Value::object()
      .set("owner", waiting->owner)
      .set("attempts", waiting->attempts)
      .set("nextDue", waiting->attempts == 0 ? Value::null() : Value::of(timestamp(waiting->next_due)))
      .set("deadline", timestamp(waiting->deadline))
      .set("lastError", waiting->last_error);
}

Value node(const model::Node& node) {
  auto value = Value::object();
  value.set("id", std::to_string(node.id))
      .set("address", node.address.str())
      .set("port", std::to_string(node.port))
      .set("status", name(node.status))
      .set("condition", node.enabled ? "ENABLED" : "DISABLED");
  if (node.weight != 1) value.set("weight", node.weight);
  return value;
}

Value monitor(const std::optional<model::HealthMonitor>& monitor) {
  auto value = Value::object();
  if (!monitor) return value;
  value.set("type", name(monitor->type))
      .set("delay", monitor->delay)
      .set("timeout", monitor->timeout)
      .set("attemptsBeforeDeactivation", monitor->attempts);
  if (!monitor->path.empty()) value.set("path", monitor->path);
  return value;
}

Value server(const ServerState& state) {
  const auto parsed = HostPort::parse(state.server);
  return Value::object()
      .set("ip", parsed ? parsed->host : state.server)
      .set("status", state.online ? "ONLINE" : "OFFLINE");
}

Value user(const model::AdminUser& user) {
  return Value::object().set("tenant", user.tenant).set("level", name(user.level));
}

Value event(const model::Event& event) {
  auto value = Value::object();
  value.set("id", event.id)
      .set("at", timestamp(event.at))
      .set("kind", event.kind)
      .set("object", event.object)
      .set("text", event.text);
  return value;
}

Value audit(const model::Audit& audit) {
  auto value = Value::object();
  value.set("id", audit.id)
      .set("at", timestamp(audit.at))
      .set("tenant", audit.tenant)
      .set("role", audit.role)
      .set("request", audit.request)
      .set("method", audit.method)
      .set("path", audit.path)
      .set("status", audit.status)
      .set("detail", audit.detail);
  return value;
}

}  // namespace

// The two calls of v1 name the tenant differently.
std::string writeDevicesV1(const std::vector<DeviceView>& devices) {
  return wrapped("devices", array(devices, [](const DeviceView& view) { return deviceV1(view, "hpcs_tenantid"); }));
}
std::string writeDeviceV1(const DeviceView& view) { return json::dump(deviceV1(view, "tenantid")); }

std::string writeDeviceUsage(int total, int free) {
  return json::dump(Value::object().set("total", total).set("free", free).set("taken", total - free));
}

std::string writeDevices(const std::vector<DeviceView>& devices) { return wrapped("devices", array(devices, device)); }

std::string writeDevice(const DeviceView& view) {
  return json::dump(device(view).set("loadBalancers", carried(view, "tenantid")));
}

std::string writeDiscovered(const std::string& id, const service::DevicesAdmin::Discovered& discovered) {
  return json::dump(
      Value::object().set("id", id).set("version", discovered.version).set("release", discovered.release));
}

std::string writeRebuilt(const std::string& old_id, std::int64_t new_id) {
  return json::dump(Value::object().set("oldId", old_id).set("newId", new_id));
}

std::string writeVips(const std::vector<model::VirtualIp>& vips) { return wrapped("vips", array(vips, vip)); }
std::string writeVip(const model::VirtualIp& one) { return json::dump(vip(one)); }

std::string writeLoadBalancers(const std::vector<LoadBalancerView>& load_balancers) {
  return wrapped("loadBalancers", array(load_balancers, [](const LoadBalancerView& view) {
                   return loadBalancer(view).set("ip", view.address);
                 }));
}

std::string writeLoadBalancer(const LoadBalancerView& view) {
  const auto& text = view.lb.status_description;
  auto value = loadBalancer(view);
  value.set("device", view.lb.device)
      .set("statusDescription", text.empty() ? Value::null() : Value::of(std::string_view(text)))
      .set("waiting", waiting(view.waiting))
      .set("nodes", array(view.lb.nodes, node))
      .set("monitor", monitor(view.lb.monitor));
  return json::dump(value);
}

// A VIP in quarantine has no device either. Bad ones do not occur: what could not be
// cleaned up stays with its device.
std::string writeBreaker(const service::Breaker::State& state) {
  return json::dump(Value::object()
                        .set("open", state.open)
                        .set("reason", state.open ? Value::of(state.reason) : Value::null())
                        .set("waiting", state.waiting));
}

std::string writePool(const service::Census& census) {
  auto devices = Value::object();
  devices.set("used", census.devicesIn(DeviceStatus::Online))
      .set("available", census.devicesIn(DeviceStatus::Offline))
      .set("error", census.devicesIn(DeviceStatus::Error))
      .set("pendingDelete", census.devicesIn(DeviceStatus::Deleted));
  auto vips = Value::object();
  vips.set("used", census.vips.held).set("available", census.vips.free + census.vips.quarantined).set("bad", 0);
  return json::dump(Value::object().set("devices", devices).set("vips", vips));
}

std::string writeServers(const std::vector<ServerState>& databases, const std::vector<ServerState>& job_servers) {
  return json::dump(Value::object().set("mysql", array(databases, server)).set("gearman", array(job_servers, server)));
}

std::string writeCounters(const std::map<std::string, std::int64_t>& counters) {
  return json::dump(array(counters, [](const auto& counter) {
    return Value::object().set("name", counter.first).set("value", counter.second);
  }));
}

std::string writeAllLimits(const std::map<std::string, int>& limits) {
  auto value = Value::object();
  for (const auto& [name, limit] : limits) value.set(name, limit);
  return json::dump(value);
}

std::string writeTenantLimit(std::optional<int> limit) {
  return wrapped("maxLoadBalancers", limit ? Value::of(*limit) : Value::null());
}

std::string writeUsers(const std::vector<model::AdminUser>& users) { return json::dump(array(users, user)); }
std::string writeUser(const model::AdminUser& one) { return json::dump(user(one)); }
std::string writeEvents(const std::vector<model::Event>& events) { return wrapped("events", array(events, event)); }
std::string writeAudits(const std::vector<model::Audit>& audits) { return wrapped("audits", array(audits, audit)); }

}  // namespace libra::api::codec
