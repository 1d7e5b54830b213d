#include "sidecar/nginx/nginx_driver.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <set>

#include "lib/base/host_port.h"
#include "lib/log/log.h"
#include "lib/protocol/needs.h"
#include "sidecar/nginx/base_config.h"
#include "sidecar/nginx/document.h"
#include "sidecar/nginx/listener.h"
#include "sidecar/program/run_program.h"
#include "sidecar/tls/understand.h"

namespace libra::sidecar::nginx {

namespace {

constexpr log::Logger kLog{"nginx"};
constexpr std::size_t kMaxLoadBalancers = 8;
constexpr std::size_t kLongestCertificate = 15'000;  // with its chain and key, as with HAProxy
constexpr int kTries = 3;
constexpr auto kMostStart = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());  // as JSON tells it

using protocol::DeviceState;
using protocol::LoadBalancerState;

// Of a load balancer in an ancestor's message.
std::string legacyId(Protocol protocol) {
  if (protocol == Protocol::Http) return "http";
  return protocol == Protocol::Tcp ? "tcp" : "galera";
}

// Visits each element of an array.
template <typename Visit>
void each(const json::Value& list, Visit visit) {
  for (std::size_t i = 0; i < list.size(); ++i) visit(list[i]);
}

std::set<std::string> listenersIn(const json::Value& document) {
  std::set<std::string> names;
  each(document["loadBalancers"], [&](const auto& balancer) {
    each(balancer["listen"], [&](const auto& listener) { names.insert(listener["address"].text()); });
  });
  return names;
}

// Opens what is not listened on yet, and says so in the document.
Result<std::vector<Fd>> openMissing(json::Value& document, const json::Value& running) {
  const auto open = listenersIn(running);
  std::vector<Fd> opened;
  const auto balancers = document["loadBalancers"];
  for (std::size_t i = 0; i < balancers.size(); ++i) {
    const auto listeners = balancers[i]["listen"];
    for (std::size_t k = 0; k < listeners.size(); ++k) {
      auto listener = listeners[k];
      const auto where = HostPort::parse(listener["address"].text());
      if (!where || open.contains(listener["address"].text())) continue;
      auto fd = listenOn(*NetAddress::parse(where->host), where->port);
      if (!fd) return fd.error();
      listener.set("descriptor", static_cast<std::int64_t>(opened.size()));
      opened.push_back(*std::move(fd));
    }
  }
  return opened;
}

// Node id → whether it is in what runs as wanted.
std::map<std::string, bool> compareNodes(const DeviceState& live, const DeviceState& wanted) {
  std::map<std::string, bool> same;
  for (const auto& balancer : wanted.load_balancers) {
    const bool runs = std::find_if(live.load_balancers.begin(), live.load_balancers.end(), [&](const auto& other) {
                        return other.id == balancer.id;
                      }) != live.load_balancers.end();
    for (const auto& node : balancer.nodes) same[node.id] = runs;
  }
  return same;
}

protocol::UsageCounters usedBy(const json::Value& peer, Protocol protocol) {
  const auto total = static_cast<std::uint64_t>(peer["total"].integer());
  return {.bytes_in = 0, .bytes_out = 0, .connections = total, .requests = protocol == Protocol::Http ? total : 0};
}

LbUsage usageOf(const json::Value& status, const LoadBalancerState& balancer) {
  const auto count = [&](const char* name) { return static_cast<std::uint64_t>(status[name].integer()); };
  LbUsage usage{balancer.id,
                balancer.protocol,
                {count("received"), count("sent"), count("connections"), count("requests"), {}},
                {}};
  each(status["peers"], [&](const auto& peer) {
    const auto id = peer["id"].text();
    usage.servers.push_back({nameOf(balancer) + "/" + id, id, usedBy(peer, balancer.protocol)});
  });
  return usage;
}

}  // namespace

NginxDriver::NginxDriver(const DriverConfig& config, std::string version, const Clock& clock)
    : version_(std::move(version)), clock_(clock), control_(config.stats_socket, clock) {}

std::chrono::seconds NginxDriver::unixTime() const {
  return std::chrono::floor<std::chrono::seconds>(clock_.now().time_since_epoch());
}

// In the form live() gives it back, or why nginx cannot carry it.
Result<DeviceState> NginxDriver::carried(const DeviceState& wanted) const {
  DeviceState state{wanted.generation, wanted.load_balancers, {}, wanted.suspended};
  if (state.load_balancers.size() > kMaxLoadBalancers)
    return Error{ErrorCode::Invalid, fmt::format("A device carries at most {} load balancers", kMaxLoadBalancers)};
  const auto words = capabilities().words;
  for (auto& balancer : state.load_balancers) {
    if (balancer.id.empty()) balancer.id = legacyId(balancer.protocol);
    balancer.name.clear();
    if (const auto unmet = protocol::unmetNeed(balancer, words); !unmet.empty())
      return Error{ErrorCode::Invalid,
                   fmt::format("Load balancer {} cannot be configured: an nginx device has no {}", balancer.id, unmet)};
    if (auto status = understand(balancer, kLongestCertificate); !status) return status.error();
  }
  return state;
}

Result<Applied> NginxDriver::apply(const DeviceState& wanted) {
  const auto started = clock_.monotonic();
  const auto state = carried(wanted);
  if (!state) return state.error();
  auto applied = applyOnce(*state);
  // Somebody at the control socket may have come between reading and changing; once.
  if (!applied && applied.error().code == ErrorCode::Conflict) {
    kLog.warn("{}; trying again", applied.error().detail);
    applied = applyOnce(*state);
  }
  if (!applied) return applied.error();
  applied->duration = std::chrono::duration_cast<std::chrono::microseconds>(clock_.monotonic() - started);
  return applied;
}

Result<Applied> NginxDriver::applyOnce(const DeviceState& wanted) const {
  auto running = control_.get("/state");
  if (!running) return running.error();
  const auto generation = describe(*running).generation;
  if (wanted.generation != 0 && wanted.generation < generation) return Applied{generation, Mechanism::None, {}, {}, {}};

  const auto next = document(wanted, unixTime(), (*running)["revision"].integer() + 1);
  const bool same = sameContent(*running, next);
  const auto changed = differences(*running, next);
  if (!same) {
    if (auto status = put(next, *running, wanted); !status) return status.error();
    running = control_.get("/state");
    if (!running) return running.error();
    if (!sameContent(*running, next) || describe(*running).generation != wanted.generation)
      return Error{ErrorCode::Conflict, "The proxy does not run what was configured", "read back"};
  }
  const auto state = describe(*running);
  return Applied{
      state.generation, same ? Mechanism::None : Mechanism::Runtime, {}, compareNodes(state, wanted), changed};
}

// The same document again does no harm, and is what to do when a worker is slow to take it.
Status NginxDriver::put(const json::Value& next, const json::Value& running, const DeviceState& wanted) const {
  auto message = json::parse(json::dump(next));  // of its own: descriptors and keys are no content
  if (!message) return message.error();
  const auto opened = openMissing(*message, running);
  if (!opened) return opened.error();
  addKeys(*message, wanted);
  for (int i = 1;; ++i) {
    const auto answer = control_.put("/state", *message, *opened);
    if (answer) return ok();
    if (answer.error().code != ErrorCode::Unavailable || i == kTries) return answer.error();
    kLog.warn("{}; trying again", answer.error().detail);
  }
}

Result<DeviceState> NginxDriver::live() {
  const auto running = control_.get("/state");
  if (!running) return running.error();
  return describe(*running);
}

Result<std::map<std::string, NodeCheck>> NginxDriver::health() {
  const auto state = live();
  if (!state) return state.error();
  return healthOf(*state);
}

Result<std::map<std::string, NodeCheck>> NginxDriver::healthOf(const DeviceState& running) const {
  const auto status = control_.get("/status");
  if (!status) return status.error();
  std::map<std::string, NodeCheck> health;
  for (const auto& balancer : running.load_balancers)
    for (const auto& node : balancer.nodes) health[node.id] = {};
  each((*status)["loadBalancers"], [&](const auto& balancer) {
    each(balancer["peers"], [&](const auto& peer) {
      const auto node = health.find(peer["id"].text());
      if (node != health.end() && !peer["up"].boolean(true)) node->second.health = protocol::NodeHealth::Down;
    });
  });
  return health;
}

Status NginxDriver::setHealth(const std::map<std::string, protocol::NodeHealth>& nodes) {
  const auto status = control_.get("/status");
  if (!status) return status.error();
  auto news = json::Value::array();
  each((*status)["loadBalancers"], [&](const auto& balancer) {
    each(balancer["peers"], [&](const auto& peer) {
      const auto node = nodes.find(peer["id"].text());
      const bool up = node != nodes.end() && node->second == protocol::NodeHealth::Up;
      if (node == nodes.end() || peer["up"].boolean() == up) return;
      news.push(json::Value::object()
                    .set("loadBalancer", balancer["id"].text())
                    .set("peer", peer["id"].text())
                    .set("up", up));
    });
  });
  if (news.size() == 0) return ok();
  const auto told = control_.put("/health", json::Value::object().set("health", news));
  return told ? ok() : Status(told.error());
}

Result<Usage> NginxDriver::usage() {
  const auto state = live();
  if (!state) return state.error();
  const auto status = control_.get("/status");
  if (!status) return status.error();
  Usage usage;
  usage.proxy_start = std::strtoull((*status)["boot"].text().c_str(), nullptr, 16) & kMostStart;
  for (const auto& balancer : state->load_balancers)
    each((*status)["loadBalancers"], [&](const auto& found) {
      if (found["id"].text() == nameOf(balancer)) usage.load_balancers.push_back(usageOf(found, balancer));
    });
  return usage;
}

Capabilities NginxDriver::capabilities() const {
  return {"nginx",
          version_,
          {"http",           "tcp",         "galera",          "round-robin",    "least-connections",
           "random",         "drain",       "access-list",     "throttle",       "suspend",
           "proxy-protocol", "half-closed", "monitor-connect", "monitor-http",   "monitor-https",
           "monitor-regex",  "tls",         "tls-sni",         "https-redirect", "any-port"},
          static_cast<int>(kMaxLoadBalancers),
          "any port"};
}

Result<std::string> NginxDriver::explain() {
  const auto running = control_.get("/state");
  if (!running) return running.error();
  auto text = fmt::format("nginx {}, revision {}, generation {}\n", version_, (*running)["revision"].integer(),
                          describe(*running).generation);
  each((*running)["loadBalancers"], [&](const auto& balancer) {
    text += fmt::format("{} by {}", balancer["id"].text(), balancer["server"].text());
    each(balancer["listen"], [&](const auto& listener) { text += " " + listener["address"].text(); });
    text += "\n";
    each(balancer["peers"], [&](const auto& peer) {
      text += fmt::format("  node {} at {}\n", peer["id"].text(), peer["address"].text());
    });
  });
  return text;
}

// A drain whose time has come is a change nobody asks for again.
Result<std::map<std::string, NodeCheck>> NginxDriver::tick() {
  const auto state = live();
  if (!state) return state.error();
  const auto over = [now = unixTime()](const auto& node) {
    return node.draining && node.draining->count() != 0 && *node.draining <= now;
  };
  const bool due = std::ranges::any_of(state->load_balancers,
                                       [&](const auto& balancer) { return std::ranges::any_of(balancer.nodes, over); });
  if (due)
    if (const auto ended = applyOnce(*state); !ended) kLog.warn("a drain does not end: {}", ended.error().detail);
  return healthOf(*state);
}

Result<std::unique_ptr<Driver>> makeNginx(const DriverConfig& config, const Clock& clock) {
  auto version = versionOf(config.binary, "nginx/");
  if (!version) return version.error();
  if (auto text = configText(config); !text) return text.error();
  return std::unique_ptr<Driver>(std::make_unique<NginxDriver>(config, *std::move(version), clock));
}

}  // namespace libra::sidecar::nginx
