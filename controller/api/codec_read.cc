#include <optional>
#include <utility>

#include "controller/api/codec.h"
#include "controller/api/reader.h"

namespace libra::api::codec {

namespace {

using service::NodeRequest;

std::optional<bool> enabled(const Reader& node) {
  return node.oneOf<bool>("condition", {{"ENABLED", true}, {"DISABLED", false}});
}

std::optional<Algorithm> algorithm(const Reader& body) {
  return body.oneOf<Algorithm>("algorithm", {{name(Algorithm::RoundRobin), Algorithm::RoundRobin},
                                             {name(Algorithm::LeastConnections), Algorithm::LeastConnections}});
}

service::OptionsRequest options(const Reader& body) {
  const auto options = body.object("options");
  return {options.integer("timeout"), options.integer("retries")};
}

NodeRequest node(const Reader& node) {
  NodeRequest wanted;
  wanted.address = node.required("address", node.text("address"));
  wanted.port = node.required("port", node.integer("port"));
  wanted.enabled = enabled(node).value_or(true);
  wanted.weight = node.integer("weight").value_or(1);
  wanted.backup = node.oneOf<bool>("backup", {{"TRUE", true}, {"FALSE", false}}).value_or(false);
  return wanted;
}

std::vector<NodeRequest> nodes(const Reader& body) {
  std::vector<NodeRequest> wanted;
  if (!body.list("nodes", [&](const Reader& element) { wanted.push_back(node(element)); })) body.missing("nodes");
  return wanted;
}

// Every element is checked, only the first one counts.
std::optional<std::int64_t> sharedVirtualIp(const Reader& body) {
  std::optional<std::int64_t> first;
  body.list("virtualIps", [&](const Reader& element) {
    const auto id = element.required("id", element.integer("id"));
    if (!first) first = id;
  });
  return first;
}

}  // namespace

Result<service::LoadBalancerRequest> readLoadBalancer(std::string_view text) {
  return readBody(text, [](const Reader& body) {
    service::LoadBalancerRequest wanted;
    wanted.name = body.required("name", body.text("name"));
    wanted.nodes = nodes(body);
    wanted.protocol = body.text("protocol").value_or("");
    wanted.port = body.integer("port");
    wanted.algorithm = algorithm(body).value_or(Algorithm::RoundRobin);
    wanted.options = options(body);
    wanted.virtual_ip = sharedVirtualIp(body);
    return wanted;
  });
}

Result<service::LoadBalancerChange> readLoadBalancerChange(std::string_view text) {
  return readBody(text, [](const Reader& body) {
    return service::LoadBalancerChange{body.text("name"), algorithm(body), options(body)};
  });
}

Result<std::vector<NodeRequest>> readNodes(std::string_view text) { return readBody(text, nodes); }

Result<service::NodeChange> readNodeChange(std::string_view text) {
  return readBody(text, [](const Reader& body) { return service::NodeChange{enabled(body), body.integer("weight")}; });
}

Result<service::MonitorRequest> readMonitor(std::string_view text) {
  return readBody(text, [](const Reader& body) {
    service::MonitorRequest wanted;
    wanted.type = body.oneOf<MonitorType>(
        "type", {{name(MonitorType::Connect), MonitorType::Connect}, {name(MonitorType::Http), MonitorType::Http}});
    wanted.delay = body.integer("delay");
    wanted.timeout = body.integer("timeout");
    wanted.attempts = body.integer("attemptsBeforeDeactivation");
    wanted.path = body.text("path");
    return wanted;
  });
}

Status readLogArchive(std::string_view text) {
  const bool nothing = text.empty() || text == "null";
  return readBody(nothing ? "{}" : text, [](const Reader& body) {
    body.oneOf<bool>("objectStoreType", {{"Swift", true}});
    for (const char* member : {"objectStoreEndpoint", "objectStoreBasePath", "authToken"}) body.text(member);
    return std::monostate{};
  });
}

}  // namespace libra::api::codec
