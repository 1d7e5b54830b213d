#include "tests/support/lab.h"

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "lib/json/value.h"
#include "tests/support/child_process.h"
#include "tests/traffic/http_probe.h"

namespace libra::test {

namespace {

json::Value parsed(const http::Response& response) {
  auto value = json::parse(response.body);
  return value ? *value : json::Value();
}

std::map<std::string, std::string> readEnvironment(const std::string& file) {
  std::map<std::string, std::string> found;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const auto equals = line.find('=');
    if (line.rfind("export ", 0) != 0 || equals == std::string::npos) continue;
    auto value = line.substr(equals + 1);
    if (value.size() > 1 && value[0] == '"') value = value.substr(1, value.size() - 2);
    found[line.substr(7, equals - 7)] = value;
  }
  return found;
}

std::string script(const std::string& name) { return std::string(LIBRA_SOURCE_DIR) + "/tests/lab/" + name; }

}  // namespace

std::string shell(const std::string& command) {
  FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("popen");
  std::string output;
  char buffer[4096];
  for (std::size_t got; (got = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) output.append(buffer, got);
  if (::pclose(pipe) != 0) throw std::runtime_error(command + ": " + output);
  return output;
}

Lab::Lab() : prefix_("t" + std::to_string(::getpid() % 100000)) {
  ::setenv("LIBRA_RUN_DIR", folder_.path().c_str(), 1);
  ::setenv("LIBRA_PREFIX", prefix_.c_str(), 1);
  ::setenv("LIBRA_API_PORT", std::to_string(freePort()).c_str(), 1);
  ::setenv("LIBRA_ADMIN_PORT", std::to_string(freePort()).c_str(), 1);
  try {
    up();
  } catch (...) {  // no destructor runs for what was not made
    shell(script("down"));
    throw;
  }
}

Lab::~Lab() {
  try {
    down();
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
  }
}

void Lab::up() {
  shell(script("up") + " " + LIBRA_BINARY_DIR);
  environment_ = readEnvironment(path("env"));
}

void Lab::down() { shell(script("down")); }

http::Response Lab::api(const std::string& method, const std::string& path, const std::string& body,
                        const std::string& token) {
  http::Client client({.base_url = environment_["LIBRA_URL"],
                       .ca_file = environment_["LIBRA_CACERT"],
                       .certificate = {},
                       .key = {},
                       .headers = {{"X-Auth-Token", environment_[token]}}});
  auto response = client.send(method, path, body);
  if (!response) throw std::runtime_error(method + " " + path + ": " + response.error().message);
  return *response;
}

std::string Lab::addressOfNode(int number) const { return "10.77.1." + std::to_string(number); }

std::string Lab::create(const std::string& name, int nodes) {
  std::string list;
  for (int i = 1; i <= nodes; ++i)
    list += (i > 1 ? "," : "") + ("{\"address\":\"" + addressOfNode(i)) + "\",\"port\":80}";
  const auto made = api("POST", "/loadbalancers", "{\"name\":\"" + name + "\",\"nodes\":[" + list + "]}");
  if (made.status != 202) throw std::runtime_error("create: " + made.body);
  return parsed(made)["id"].text();
}

std::string Lab::statusOf(const std::string& lb) { return parsed(api("GET", "/loadbalancers/" + lb))["status"].text(); }

bool Lab::becomes(const std::string& lb, const std::string& status) {
  return waitFor([&] { return statusOf(lb) == status; }, std::chrono::seconds(30));
}

std::string Lab::vipOf(const std::string& lb) {
  return parsed(api("GET", "/loadbalancers/" + lb))["virtualIps"][0]["address"].text();
}

std::string Lab::deviceOf(const std::string& lb) {
  auto name = sql("SELECT d.name FROM devices d JOIN load_balancers l ON l.device = d.id WHERE l.id = " + lb);
  while (!name.empty() && name.back() == '\n') name.pop_back();
  return name;
}

std::string Lab::sql(const std::string& statement) const {
  return shell("mariadb --socket=" + path("mariadb/socket") + " --user=root -N libra -e \"" + statement + "\"");
}

std::string Lab::haproxy(const std::string& device, const std::string& command) const {
  return shell("echo '" + command + "' | socat stdio " + path("devices/" + device + "/haproxy/stats.sock"));
}

int Lab::pid(const std::string& part) const {
  int pid = 0;
  std::ifstream(path(part + ".pid")) >> pid;
  return pid;
}

void Lab::kill(const std::string& part, int signal) const {
  if (const int which = pid(part); which <= 1 || ::kill(which, signal) != 0) throw std::runtime_error("kill " + part);
}

bool Lab::comesBack(const std::string& part, int old_pid) const {
  return waitFor([&] { return pid(part) != old_pid && pid(part) > 1 && ::kill(pid(part), 0) == 0; });
}

Traffic::Traffic(const Lab& lab, std::string vip)
    : thread_([this, netns = lab.prefix() + "-client", vip = std::move(vip)] { ask(netns, vip); }) {}

void Traffic::ask(const std::string& netns, const std::string& vip) {
  if (!traffic::enterNetns(netns)) {
    ++failures_;
    return;
  }
  const traffic::HttpProbe probe(*NetAddress::parse(vip), 80);
  while (!stopping_) ++(probe.get().status == 200 ? answers_ : failures_);
}

void Traffic::waitForMore(int answers) {
  const int wanted = answers_ + answers;
  if (!waitFor([&] { return answers_ >= wanted; })) throw std::runtime_error("no traffic");
}

void Traffic::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

}  // namespace libra::test
