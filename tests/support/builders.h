#pragma once

// Requests and rows for tests, valid unless made otherwise:
//   aRequest().on("TCP").withNodes({aNode("10.0.0.1")})

#include <string>
#include <utility>
#include <vector>

#include "controller/model/device.h"
#include "controller/service/requests.h"

namespace libra::test {

inline service::NodeRequest aNode(std::string address = "10.20.0.11", std::int64_t port = 80) {
  service::NodeRequest node;
  node.address = std::move(address);
  node.port = port;
  return node;
}
inline service::NodeRequest backup(service::NodeRequest node) {
  node.backup = true;
  return node;
}
inline service::NodeRequest disabled(service::NodeRequest node) {
  node.enabled = false;
  return node;
}
inline service::NodeRequest weighing(std::int64_t weight, service::NodeRequest node = aNode()) {
  node.weight = weight;
  return node;
}

struct RequestBuilder : service::LoadBalancerRequest {
  RequestBuilder of(std::string wanted) const {
    auto copy = *this;
    copy.tenant = std::move(wanted);
    return copy;
  }
  RequestBuilder named(std::string wanted) const {
    auto copy = *this;
    copy.name = std::move(wanted);
    return copy;
  }
  RequestBuilder on(std::string wanted, std::optional<std::int64_t> wanted_port = std::nullopt) const {
    auto copy = *this;
    copy.protocol = std::move(wanted);
    copy.port = wanted_port;
    return copy;
  }
  RequestBuilder withNodes(std::vector<service::NodeRequest> wanted) const {
    auto copy = *this;
    copy.nodes = std::move(wanted);
    return copy;
  }
  RequestBuilder sharing(std::int64_t vip) const {
    auto copy = *this;
    copy.virtual_ip = vip;
    return copy;
  }
  RequestBuilder withOptions(std::optional<std::int64_t> timeout, std::optional<std::int64_t> retries) const {
    auto copy = *this;
    copy.options = {timeout, retries};
    return copy;
  }
};

inline RequestBuilder aRequest() {
  RequestBuilder request;
  request.tenant = "a";
  request.name = "web";
  request.nodes = {aNode()};
  return request;
}

inline service::MonitorRequest aMonitor(MonitorType type = MonitorType::Connect,
                                        std::optional<std::string> path = std::nullopt) {
  return {type, 30, 10, 2, std::move(path)};
}

inline model::NewDevice aDevice(std::string name) {
  model::NewDevice device;
  device.name = std::move(name);
  device.address = "10.77.2.1";
  device.driver = "haproxy";
  return device;
}

}  // namespace libra::test
