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

void RunningLibra::removeAndWait(const std::string& id) {
  while (statusOf(id) != "ACTIVE") std::this_thread::sleep_for(std::chrono::milliseconds(2));
  if (const auto response = send("DELETE", "/loadbalancers/" + id); response.status != 202)
    die("delete answered " + std::to_string(response.status) + ": " + response.body);
  while (send("GET", "/loadbalancers/" + id).status != 404) std::this_thread::sleep_for(std::chrono::milliseconds(2));
}

void RunningLibra::waitForPool(int spares) {
  for (;;) {
    const auto response = admin_.get("/status/pool");
    if (!response || response->status != 200) die("GET status/pool failed");
    const auto pool = parsed(*response);
    if (pool["devices"]["available"].integer() >= spares && pool["vips"]["available"].integer() >= spares) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

std::map<std::string, RunningLibra::Phase> RunningLibra::phases() {
  const auto response = metrics_.get("/metrics");
  if (!response || response->status != 200) die("GET /metrics failed");
  std::map<std::string, Phase> found;
  std::istringstream in(response->body);
  for (std::string line; std::getline(in, line);) {
    char kind[8], phase[32];
    double value = 0;
    if (std::sscanf(line.c_str(), "libra_change_phase_seconds_%5[a-z]{phase=\"%31[^\"]\"} %lf", kind, phase, &value) !=
        3)
      continue;
    (std::string(kind) == "count" ? found[phase].count : found[phase].seconds) = value;
  }
  return found;
}

}  // namespace libra::bench
