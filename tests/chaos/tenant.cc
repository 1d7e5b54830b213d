#include "tests/chaos/tenant.h"

#include <fmt/format.h>

#include "lib/base/ids.h"
#include "tests/support/child_process.h"

namespace libra::test {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kMost = 2;           // load balancers at once
constexpr seconds kSettles{150};           // a call has its answer by then, whatever the nemesis does
constexpr milliseconds kBeforeAgain{200};  // between two tries of a call
constexpr milliseconds kPause{300};        // between two calls, at most
constexpr int kChangesPerRemoval = 24;
constexpr const char* kAlgorithms[] = {"ROUND_ROBIN", "LEAST_CONNECTIONS"};

}  // namespace

std::optional<Acknowledged> shownIn(const json::Value& body) {
  if (body["id"].text().empty()) return std::nullopt;
  Acknowledged shown{body["name"].text(), body["algorithm"].text(), {}};
  const auto nodes = body["nodes"];
  for (std::size_t i = 0; i < nodes.size(); ++i) shown.nodes.insert(nodes[i]["address"].text().back() - '0');
  return shown;
}

Tenant::Tenant(Lab& lab, std::string token, std::uint32_t seed)
    : lab_(lab), token_(std::move(token)), random_(seed), thread_([this] { run(); }) {}

void Tenant::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

void Tenant::run() {
  while (!stopping_) {
    std::vector<std::string> living;
    for (const auto& [id, lb] : told_)
      if (!lb.deleted) living.push_back(id);
    if (living.size() < kMost) {
      create();
    } else {
      const auto& id = living[static_cast<std::size_t>(random(static_cast<int>(living.size())))];
      change(id, told_[id]);
    }
    std::this_thread::sleep_for(milliseconds(random(kPause.count())));
  }
}

// Devices come and go with load balancers: more of that than the lab's builder can follow would
// leave no spares, and none of the faults would be like that of a cloud that has some.
void Tenant::change(const std::string& id, Acknowledged& lb) {
  if (random(kChangesPerRemoval) == 0) return remove(id, lb);
  switch (random(7)) {
    case 0:
    case 1:
      return changeAlgorithm(id, lb);
    case 2:
    case 3:
      return addNode(id, lb);
    case 4:
      return removeNode(id, lb);
    default:
      return read(id, lb);
  }
}

void Tenant::create() {
  Acknowledged lb{fmt::format("{}-{}", token_, ++names_), kAlgorithms[random(2)], {1, 2}};
  const auto reply = settled("POST", "/loadbalancers",
                             fmt::format(R"({{"name":"{}","algorithm":"{}","nodes":[{},{}]}})", lb.name, lb.algorithm,
                                         lab_.nodeJson(1), lab_.nodeJson(2)));
  if (reply.status == 202)
    told_[reply.body["id"].text()] = lb;
  else if (!noDevices(reply))
    complain("create " + lb.name, reply);
}

void Tenant::changeAlgorithm(const std::string& id, Acknowledged& lb) {
  const std::string wanted = kAlgorithms[random(2)];
  const auto reply = settled("PUT", "/loadbalancers/" + id, fmt::format(R"({{"algorithm":"{}"}})", wanted));
  if (reply.status != 202) return complain("change the algorithm of " + id, reply);
  lb.algorithm = wanted;
}

void Tenant::addNode(const std::string& id, Acknowledged& lb) {
  int absent = 1;
  while (lb.nodes.count(absent) > 0) ++absent;
  if (absent > 3) return;
  const auto reply =
      settled("POST", "/loadbalancers/" + id + "/nodes", fmt::format(R"({{"nodes":[{}]}})", lab_.nodeJson(absent)));
  if (reply.status != 202) return complain("add a node to " + id, reply);
  lb.nodes.insert(absent);
}

void Tenant::removeNode(const std::string& id, Acknowledged& lb) {
  if (lb.nodes.size() < 2) return;
  const int victim = *lb.nodes.begin();
  const auto shown = settled("GET", "/loadbalancers/" + id);
  const auto nodes = shown.body["nodes"];
  for (std::size_t i = 0; shown.status == 200 && i < nodes.size(); ++i) {
    if (nodes[i]["address"].text().back() - '0' != victim) continue;
    const auto reply = settled("DELETE", "/loadbalancers/" + id + "/nodes/" + nodes[i]["id"].text());
    if (reply.status != 202) return complain("remove a node of " + id, reply);
    lb.nodes.erase(victim);
    return;
  }
  complain(fmt::format("find node {} of {}", victim, id), shown);
}

void Tenant::remove(const std::string& id, Acknowledged& lb) {
  const auto reply = settled("DELETE", "/loadbalancers/" + id);
  if (reply.status != 202) return complain("delete " + id, reply);
  lb.deleted = true;
}

void Tenant::read(const std::string& id, const Acknowledged& lb) {
  const auto reply = settled("GET", "/loadbalancers/" + id);
  if (reply.status != 200 || shownIn(reply.body) != lb) complain("read " + id, reply);
}

// Either controller, as a client behind a round-robin name would.
Tenant::Reply Tenant::once(const std::string& method, const std::string& path, const std::string& body,
                           const std::string& key) {
  try {
    const auto answer =
        lab_.api(method, path, body, token_, random(2) == 0 ? "LIBRA_URL" : "LIBRA_URL_2", {{"Idempotency-Key", key}});
    const auto parsed = json::parse(answer.body);
    return {answer.status, parsed ? *parsed : json::Value(), answer.body};
  } catch (const std::runtime_error& e) {
    return {0, {}, e.what()};
  }
}

Tenant::Reply Tenant::settled(const std::string& method, const std::string& path, const std::string& body) {
  const auto key = randomHex(16);
  const auto give_up = std::chrono::steady_clock::now() + kSettles;
  for (;;) {
    ++calls_;
    const auto begin = std::chrono::steady_clock::now();
    auto reply = once(method, path, body, key);
    if (reply.status == 503 && !noDevices(reply))
      refusals_.push_back({begin, std::chrono::steady_clock::now(), method + " " + path + ": " + reply.text});
    const bool again = reply.status == 0 || reply.status == 503 || pending(reply);
    if (!again || std::chrono::steady_clock::now() > give_up) return reply;
    repeats_ += reply.status != 422;
    std::this_thread::sleep_for(kBeforeAgain);
  }
}

// Refused only until the change before has been applied.
bool Tenant::pending(const Reply& reply) {
  return reply.status == 422 && reply.text.find("ImmutableEntity") != std::string::npos;
}

bool Tenant::noDevices(const Reply& reply) { return reply.text.find("No devices available") != std::string::npos; }

void Tenant::complain(const std::string& what, const Reply& reply) {
  wrong_.push_back(fmt::format("{}: {} {}", what, reply.status, reply.text.substr(0, 300)));
}

}  // namespace libra::test
