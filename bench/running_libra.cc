#include "bench/running_libra.h"

#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <thread>

#include "bench/samples.h"

namespace libra::bench {

namespace {

http::Client clientOf(const char* url, const char* token) {
  return http::Client({.base_url = environment(url),
                       .ca_file = environment("LIBRA_CACERT"),
                       .certificate = {},
                       .key = {},
                       .headers = {{"X-Auth-Token", environment(token)}}});
}

// .../v2.0 → where /metrics is.
http::Client metricsClient() {
  const std::string url = environment("LIBRA_ADMIN_URL");
  return http::Client({.base_url = url.substr(0, url.rfind('/')),
                       .ca_file = environment("LIBRA_CACERT"),
                       .certificate = {},
                       .key = {},
                       .headers = {{"X-Auth-Token", environment("LIBRA_ADMIN_TOKEN")}}});
}

std::string nodesJson() {
  std::istringstream in(environment("LIBRA_NODES"));
  std::string list, node;
  while (in >> node) {
    const auto colon = node.rfind(':');
    list += (list.empty() ? "" : ",") + ("{\"address\":\"" + node.substr(0, colon)) +
            "\",\"port\":" + node.substr(colon + 1) + "}";
  }
  return "[" + list + "]";
}

json::Value parsed(const http::Response& response) {
  auto value = json::parse(response.body);
  if (!value) die("no JSON in an answer: " + value.error().message);
  return *value;
}

}  // namespace

void die(const std::string& text) {
  std::fprintf(stderr, "bench: %s\n", text.c_str());
  std::exit(1);
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') die(std::string(name) + " is not set: make run, then . run/env");
  return value;
}

RunningLibra::RunningLibra()
    : client_netns(environment("LIBRA_CLIENT_NETNS")),
      api_(clientOf("LIBRA_URL", "LIBRA_TOKEN")),
      admin_(clientOf("LIBRA_ADMIN_URL", "LIBRA_ADMIN_TOKEN")),
      metrics_(metricsClient()),
      body_nodes_(nodesJson()) {}

http::Response RunningLibra::send(const std::string& method, const std::string& path, const std::string& body) {
  auto response = api_.send(method, path, body, {{"Content-Type", "application/json"}});
  if (!response) die(method + " " + path + ": " + response.error().message);
  return *response;
}

std::optional<RunningLibra::Made> RunningLibra::tryCreate(const std::string& name) {
  const auto response = send("POST", "/loadbalancers", "{\"name\":\"" + name + "\",\"nodes\":" + body_nodes_ + "}");
  const double answered = nowMs();
  if (response.status == 500 && response.body.find("No devices available") != std::string::npos) return std::nullopt;
  if (response.status != 202) die("create answered " + std::to_string(response.status) + ": " + response.body);
  return Made{parsed(response)["id"].text(), answered};
}

RunningLibra::Made RunningLibra::create(const std::string& name) {
  auto made = tryCreate(name);
  if (!made) die("no spare device was free; the pool is smaller than this benchmark wants");
  return *made;
}

std::string RunningLibra::vipOf(const std::string& id) {
  for (;;) {
    const auto vip = parsed(send("GET", "/loadbalancers/" + id))["virtualIps"][0]["address"].text();
    if (!vip.empty()) return vip;
  }
}

std::string RunningLibra::statusOf(const std::string& id) {
  return parsed(send("GET", "/loadbalancers/" + id))["status"].text();
}

json::Value RunningLibra::ask(const std::string& path) {
  const auto response = admin_.get(path);
  if (!response || response->status != 200) die("GET " + path + " failed");
  return parsed(*response);
}

std::string RunningLibra::deviceOf(const std::string& id) {
  const auto device = ask("/loadbalancers/" + id)["device"].integer();
  return ask("/devices/" + std::to_string(device))["name"].text();
}

void RunningLibra::waitUntilActive(const std::string& id) {
  while (statusOf(id) != "ACTIVE") std::this_thread::sleep_for(std::chrono::milliseconds(2));
}

void RunningLibra::removeAndWait(const std::string& id) {
  waitUntilActive(id);
  if (const auto response = send("DELETE", "/loadbalancers/" + id); response.status != 202)
    die("delete answered " + std::to_string(response.status) + ": " + response.body);
  while (send("GET", "/loadbalancers/" + id).status != 404) std::this_thread::sleep_for(std::chrono::milliseconds(2));
}

void RunningLibra::waitForPool(int spares) {
  for (;;) {
    const auto pool = ask("/status/pool");
    if (pool["devices"]["available"].integer() >= spares && pool["vips"]["available"].integer() >= spares) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

RunningLibra::Phases RunningLibra::phases(const std::string& histogram) {
  const auto response = metrics_.get("/metrics");
  if (!response || response->status != 200) die("GET /metrics failed");
  Phases found;
  std::istringstream in(response->body);
  for (std::string line; std::getline(in, line);) {
    char kind[8], phase[32];
    double value = 0;
    if (!line.starts_with(histogram + "_")) continue;
    if (std::sscanf(line.c_str() + histogram.size(), "_%5[a-z]{phase=\"%31[^\"]\"} %lf", kind, phase, &value) != 3)
      continue;
    (std::string(kind) == "count" ? found[phase].count : found[phase].seconds) = value;
  }
  return found;
}

void printPhases(const RunningLibra::Phases& before, const RunningLibra::Phases& after) {
  std::printf("where the time goes (means of all changes in this run, the controller's own clock)\n");
  for (const auto& [name, phase] : after) {
    const auto old = before.contains(name) ? before.at(name) : RunningLibra::Phase{};
    if (phase.count > old.count)
      std::printf("  %-50s %9.2f ms\n", name.c_str(), 1e3 * (phase.seconds - old.seconds) / (phase.count - old.count));
  }
}

}  // namespace libra::bench
