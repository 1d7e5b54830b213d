#include "tests/support/api_world.h"

#include <sstream>

namespace libra::test {

using namespace libra::model;

const std::string ApiWorld::kWeb =
    R"({"name":"web","nodes":[{"address":"10.20.0.11","port":80},{"address":"10.20.0.12","port":80}]})";

Result<api::Caller> FakeIdentity::identify(const std::string& token) {
  if (token == "token-a") return api::Caller{"A", api::Role::Tenant};
  if (token == "token-b") return api::Caller{"B", api::Role::Tenant};
  if (token == "token-unscoped") return api::Caller{};
  if (token == "token-operator") return api::Caller{"operator", api::Role::Admin};
  if (token == "token-viewer") return api::Caller{"viewer", api::Role::Admin};
  if (token == "token-stranger") return api::Caller{"stranger", api::Role::Admin};
  if (token == "token-operator-tenant") return api::Caller{"operator", api::Role::Tenant};
  return Error{ErrorCode::Unauthorized, "Token is not valid"};
}

ApiWorld::ApiWorld(std::vector<NetRange> node_filters)
    : context_{joined_,
               clock,
               counters_,
               leases_,
               [this](std::int64_t device) { service::JoinedStore::afterCommit([=, this] { waker_->wake(device); }); },
               [this](std::int64_t device, service::DeviceJob job) {
                 service::JoinedStore::afterCommit([=, this] { waker_->begin(device, job); });
               },
               std::move(node_filters)},
      sync_(context_, gateway, [](const std::function<void()>& task) { task(); }, {}),
      load_balancers_(context_),
      nodes_(context_),
      monitors_(context_),
      dispatcher(identity, requests, clock) {
  waker_ = &sync_;
  store.runTwice(true);
  api::addTenantRoutes(dispatcher, {load_balancers_, nodes_, monitors_, repeatable_});
  addSpares(4);
}

ApiReply ApiWorld::send(const std::string& method, const std::string& path, const std::string& body,
                        const std::string& token, const http::Headers& headers) {
  return sendTo(dispatcher, method, path, body, token, headers);
}

ApiReply ApiWorld::sendTo(const api::Dispatcher& to, const std::string& method, const std::string& path,
                          const std::string& body, const std::string& token, const http::Headers& headers) {
  http::Request request;
  request.method = method;
  request.path = path.substr(0, path.find('?'));
  if (request.path.size() < path.size()) request.query = path.substr(request.path.size() + 1);
  request.body = body;
  request.headers = headers;
  if (!token.empty()) request.headers.add("X-Auth-Token", token);
  auto response = to.handle(request, clock.monotonic());
  ApiReply reply;
  reply.status = response.status;
  reply.text = std::move(response.body);
  reply.headers = std::move(response.headers);
  if (auto parsed = json::parse(reply.text)) reply.body = *std::move(parsed);
  return reply;
}

std::string ApiWorld::create(const std::string& body, const std::string& token) {
  return send("POST", "/v1.1/loadbalancers", body, token).body["id"].text();
}

std::vector<std::string> ApiWorld::nodesOf(const std::string& lb, const std::string& token) {
  const auto nodes = send("GET", "/v1.1/loadbalancers/" + lb, "", token).body["nodes"];
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < nodes.size(); ++i) ids.push_back(nodes[i]["id"].text());
  return ids;
}

void ApiWorld::set(const std::string& lb, LbStatus status) {
  store.edit([&](MemoryRows& rows) { rows.load_balancers.at(std::stoll(lb)).status = status; });
}

void ApiWorld::addSpares(int count) {
  const auto done = store.transact([&](service::Txn& txn) -> Status {
    for (int i = spares_; i < spares_ + count; ++i) {
      NewDevice device;
      device.name = "lb-" + std::to_string(i);
      device.address = "10.77.2." + std::to_string(i + 1);
      device.driver = "haproxy";
      txn.devices().insert(device, clock.now());
      txn.vips().insert(*NetAddress::parse("10.77.9." + std::to_string(i + 1)), 24);
    }
    return ok();
  });
  if (done) spares_ += count;
  if (hang_) devicesHang();
}

void ApiWorld::devicesHang() {
  hang_ = true;
  for (int i = 0; i < spares_; ++i) gateway.becomes("lb-" + std::to_string(i), FakeGateway::Mood::Hangs);
}

std::int64_t ApiWorld::counted(const std::string& counter) {
  (void)counters_.flush();
  return store.rows().counters[counter];
}

std::string ApiWorld::state() {
  std::ostringstream text;
  const auto rows = store.rows();
  for (const auto& [id, lb] : rows.load_balancers) {
    text << id << ' ' << lb.tenant << ' ' << lb.name << ' ' << name(lb.status) << ' ' << lb.status_description << ' '
         << name(lb.algorithm) << ' ' << lb.options.timeout.value_or(-1) << ' ' << lb.options.retries.value_or(-1)
         << ' ' << lb.generation << ' ' << lb.updated.time_since_epoch().count();
    for (const auto& node : lb.nodes) text << " node " << node.id << ' ' << node.enabled << ' ' << node.weight;
    if (lb.monitor) text << " monitor " << lb.monitor->delay << lb.monitor->path;
    text << '\n';
  }
  for (const auto& [id, device] : rows.devices)
    text << id << ' ' << name(device.status) << ' ' << device.generation << '\n';
  for (const auto& [id, vip] : rows.vips) text << id << ' ' << vip.device << ' ' << vip.epoch << '\n';
  for (const auto& [tenant, count] : rows.reserved) text << tenant << ' ' << count << '\n';
  return text.str();
}

}  // namespace libra::test
