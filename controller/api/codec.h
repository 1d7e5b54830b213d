#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "controller/model/limits.h"
#include "controller/model/load_balancer.h"
#include "controller/service/requests.h"
#include "lib/base/result.h"

// JSON of API v1.1 (spec/libra.md 1.6) to service requests, and model structs to JSON.
// Which numbers are strings differs from endpoint to endpoint, as in the ancestor.
namespace libra::api::codec {

// Bodies in. Errors are Invalid with the texts of spec 1.4; rules beyond types are the
// services' business.
Result<service::LoadBalancerRequest> readLoadBalancer(std::string_view body);  // `tenant` is left empty
Result<service::LoadBalancerChange> readLoadBalancerChange(std::string_view body);
Result<std::vector<service::NodeRequest>> readNodes(std::string_view body);
Result<service::NodeChange> readNodeChange(std::string_view body);
Result<service::MonitorRequest> readMonitor(std::string_view body);
Status readLogArchive(std::string_view body);  // checked; an empty body is {}

// Bodies out.
std::string writeList(const std::vector<model::LoadBalancer>& load_balancers);               // 1.6.5
std::string writeCreated(const model::LoadBalancer& load_balancer, bool shares_virtual_ip);  // 1.6.6
std::string writeDetail(const model::LoadBalancer& load_balancer);                           // 1.6.7
std::string writeNodes(const std::vector<model::Node>& nodes);                               // 1.6.10, 1.6.12
std::string writeNode(const model::Node& node);                                              // 1.6.11
std::string writeMonitor(const model::HealthMonitor& monitor);                               // 1.6.15
std::string writeMonitorAccepted(const model::HealthMonitor& monitor);                       // 1.6.16
std::string writeVirtualIps(const model::VirtualIp& virtual_ip);                             // 1.6.18
std::string writeLimits(const model::Limits& limits);                                        // 1.6.4
std::string writeProtocols(const std::vector<model::PortRule>& rules);                       // 1.6.3
std::string writeAlgorithms();                                                               // 1.6.2

std::string timestamp(Time time);  // "2014-05-01T10:00:00", UTC

}  // namespace libra::api::codec
