#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/model/admin_user.h"
#include "controller/model/journal.h"
#include "controller/service/breaker.h"
#include "controller/service/census.h"
#include "controller/service/devices_admin.h"
#include "controller/service/limits_admin.h"
#include "controller/service/load_balancers_admin.h"
#include "lib/base/result.h"

// JSON of the admin API (spec/libra.md 3).
namespace libra::api::codec {

// Bodies in; errors are Invalid with the spec's texts.
Result<model::NewDevice> readNewDevice(std::string_view body);  // v1
struct DeviceReport {
  bool online = false;
  std::string description;
};
Result<DeviceReport> readDeviceReport(std::string_view body);  // v1
Result<bool> readMaintenance(std::string_view body);
Result<std::int64_t> readTarget(std::string_view body);  // the device a virtual IP moves to
Result<bool> readBreaker(std::string_view body);         // whether it shall be open
Result<service::LimitsAdmin::Wanted> readLimits(std::string_view body);
Result<std::optional<std::int64_t>> readTenantLimit(std::string_view body);  // none: no override any more
Result<model::AdminUser> readUser(std::string_view body);
Result<model::AdminLevel> readLevel(std::string_view body);

// Bodies out.
std::string writeDevicesV1(const std::vector<service::DeviceView>& devices);
std::string writeDeviceV1(const service::DeviceView& device);
std::string writeDeviceUsage(int total, int free);
std::string writeDevices(const std::vector<service::DeviceView>& devices);
std::string writeDevice(const service::DeviceView& device);
std::string writeDiscovered(const std::string& id, const service::DevicesAdmin::Discovered& discovered);
std::string writeRebuilt(const std::string& old_id, std::int64_t new_id);
std::string writeVips(const std::vector<model::VirtualIp>& vips);
std::string writeVip(const model::VirtualIp& vip);
std::string writeLoadBalancers(const std::vector<service::LoadBalancerView>& load_balancers);
std::string writeLoadBalancer(const service::LoadBalancerView& load_balancer);
std::string writeBreaker(const service::Breaker::State& state);
std::string writePool(const service::Census& census);
struct ServerState {
  std::string server;  // "host:port" or "unix:/path"; shown without the port
  bool online = false;
};
std::string writeServers(const std::vector<ServerState>& databases, const std::vector<ServerState>& job_servers);
std::string writeCounters(const std::map<std::string, std::int64_t>& counters);
std::string writeAllLimits(const std::map<std::string, int>& limits);
std::string writeTenantLimit(std::optional<int> max_load_balancers);
std::string writeUsers(const std::vector<model::AdminUser>& users);
std::string writeUser(const model::AdminUser& user);
std::string writeUsage(const std::vector<model::LbUsageSample>& samples);
std::string writeEvents(const std::vector<model::Event>& events);
std::string writeAudits(const std::vector<model::Audit>& audits);

}  // namespace libra::api::codec
