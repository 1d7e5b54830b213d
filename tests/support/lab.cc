#include "tests/support/lab.h"

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "tests/support/child_process.h"
#include "tests/support/paths.h"
#include "tests/traffic/http_probe.h"

namespace libra::test {

namespace {

using std::chrono::seconds;

std::map<std::string, std::string> readEnvironment(const std::string& file) {
  std::map<std::string, std::string> found;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const auto equals = line.find('=');
    if (!line.starts_with("export ") || equals == std::string::npos) continue;
    auto value = line.substr(equals + 1);
    if (value.size() > 1 && value[0] == '"') value = value.substr(1, value.size() - 2);
    found[line.substr(7, equals - 7)] = value;
  }
  return found;
}

std::string script(const std::string& name) { return sourceDir() + "/tests/lab/" + name; }

std::string trimmed(std::string text) {
  return text.erase(text.find_last_not_of('\n') + 1);  // nothing but newlines: npos + 1, all of it
}

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> found;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) found.push_back(line);
  return found;
}

}  // namespace

bool isAlive(int pid) {
  std::string line;
  std::getline(std::ifstream("/proc/" + std::to_string(pid) + "/stat"), line);
  const auto state = line.find(") ");  // behind the name; before it is 'Z' its sockets are closed
  return state != std::string::npos && line.compare(state + 2, 1, "Z") != 0 && line.compare(state + 2, 1, "X") != 0;
}

std::string shell(const std::string& command) {
  FILE* pipe = ::popen(("{ " + command + "\n} 2>&1").c_str(), "re");
  if (pipe == nullptr) throw std::runtime_error("popen");
  std::string output;
  char buffer[4096];
  for (std::size_t got; (got = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) output.append(buffer, got);
  if (::pclose(pipe) != 0) throw std::runtime_error(command + ": " + output);
  return output;
}

Lab::Lab() : prefix_("t" + std::to_string(::getpid())) {
  set("LIBRA_RUN_DIR", folder_.path());
  set("LIBRA_PREFIX", prefix_);
  set("LIBRA_API_PORT", std::to_string(freePort()));
  set("LIBRA_ADMIN_PORT", std::to_string(freePort()));
  // Waits for the end of its input, which the kernel closes when nobody else does.
  guard_.reset(::popen(("exec setsid -w sh -c 'cat >/dev/null; exec " + script("down") + "'").c_str(), "we"));
  if (!guard_) throw std::runtime_error("popen");
  up();
}

Lab::~Lab() = default;

void Lab::set(const std::string& variable, const std::string& value) { ::setenv(variable.c_str(), value.c_str(), 1); }

void Lab::up() {
  shell(script("up") + " " + binaryDir());
  *environment_.lock() = readEnvironment(path("env"));
  up_ = true;
}

void Lab::down() {
  up_ = false;
  shell(script("down"));
}

void Lab::inside(const std::string& machine, const std::function<void()>& task) const {
  std::exception_ptr failure;
  std::thread([&] {
    try {
      if (!traffic::enterNetns(netns(machine))) throw std::runtime_error("no namespace " + netns(machine));
      task();
    } catch (...) {
      failure = std::current_exception();
    }
  }).join();
  if (failure) std::rethrow_exception(failure);
}

http::Response Lab::api(const std::string& method, const std::string& path, const std::string& body,
                        const std::string& token, const std::string& url, const http::Headers& headers) {
  auto environment = *environment_.lock();
  http::Client client({.base_url = environment[url],
                       .ca_file = environment["LIBRA_CACERT"],
                       .certificate = {},
                       .key = {},
                       .headers = {{"X-Auth-Token", environment[token]}}});
  auto response = client.send(method, path, body, headers);
  if (!response) throw std::runtime_error(method + " " + path + ": " + response.error().message);
  return *response;
}

std::string Lab::nodeJson(int number) const { return fmt::format(R"({{"address":"10.77.1.{}","port":80}})", number); }

std::string Lab::create(const std::string& name, int nodes, const std::string& members) {
  std::string list = nodeJson(1);
  for (int i = 2; i <= nodes; ++i) list += "," + nodeJson(i);
  const auto made =
      api("POST", "/loadbalancers", fmt::format(R"({{"name":"{}","nodes":[{}]{}}})", name, list, members));
  if (made.status != 202) throw std::runtime_error("create: " + made.body);
  return (*json::parse(made.body))["id"].text();
}

std::string Lab::nodeId(const std::string& lb, int number) {
  const auto nodes = get("/loadbalancers/" + lb)["nodes"];
  for (std::size_t i = 0; i < nodes.size(); ++i)
    if (nodes[i]["address"].text() == "10.77.1." + std::to_string(number)) return nodes[i]["id"].text();
  throw std::runtime_error("load balancer " + lb + " has no such node");
}

std::string Lab::statusOf(const std::string& lb) {
  const auto found = api("GET", "/loadbalancers/" + lb);
  return found.status == 200 ? (*json::parse(found.body))["status"].text() : "";
}

bool Lab::becomes(const std::string& lb, const std::string& status) {
  return waitFor([&] { return statusOf(lb) == status; }, seconds(30));
}

bool Lab::isGone(const std::string& lb) {
  return waitFor([&] { return api("GET", "/loadbalancers/" + lb).status == 404; }, seconds(30));
}

std::string Lab::vipOf(const std::string& lb) { return get("/loadbalancers/" + lb)["virtualIps"][0]["address"].text(); }

std::string Lab::deviceOf(const std::string& lb) const {
  return sql("SELECT d.name FROM devices d JOIN load_balancers l ON l.device = d.id WHERE l.id = " + lb);
}

std::vector<std::string> Lab::devices() const {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(path("devices")))
    names.push_back(entry.path().filename());
  return names;
}

std::string Lab::cableOf(const std::string& machine) const {
  const auto peer = "$(ip -n " + netns(machine) + " -o link show eth0 | sed 's/.*@if\\([0-9]*\\):.*/\\1/')";
  // `ip` complains of a namespace that goes meanwhile: a device that is being destroyed.
  auto name = shell("{ ip -n " + netns("net") + " -o link | sed -n \"s/^" + peer +
                    ": \\([^@:]*\\).*/\\1/p\"; } 2>/dev/null || true");
  return name.substr(0, name.find('\n'));
}

void Lab::setLink(const std::string& machine, bool up) const {
  try {
    shell("ip -n " + netns("net") + " link set " + cableOf(machine) + (up ? " up" : " down") + " 2>/dev/null");
  } catch (const std::runtime_error&) {
    if (std::filesystem::exists("/run/netns/" + netns(machine))) throw;
  }
}

std::string Lab::sql(const std::string& statement) const {
  const char* given = std::getenv("LIBRA_DATABASE_SOCKET");
  const auto socket = given && *given ? given : path("mariadb/socket");
  return trimmed(shell("mariadb --socket=" + socket + " --user=root -N libra -e \"" + statement + "\""));
}

bool Lab::poolIsFull() const {
  return waitFor([&] { return sql("SELECT COUNT(*), SUM(status = 'OFFLINE') FROM devices") == "3\t3"; }, seconds(30));
}

std::string Lab::haproxy(const std::string& device, const std::string& command) const {
  return shell("echo '" + command +
               "' | socat -t 10 - UNIX-CONNECT:" + path("devices/" + device + "/haproxy/stats.sock"));
}

std::string Lab::running(const std::string& device) const {
  std::string all = std::to_string(pid("devices/" + device + "/haproxy")) + "\n";
  for (const auto& line : lines(haproxy(device, "show map")))
    if (!line.empty() && line[0] != '#')
      all += line + "\n" + haproxy(device, "show map #" + line.substr(0, line.find(' ')));
  // Backend, server, address, operational and administrative state, weight, port.
  for (const auto& line : lines(haproxy(device, "show servers state"))) {
    std::istringstream in(line);
    std::vector<std::string> cells;
    for (std::string cell; in >> cell;) cells.push_back(cell);
    if (cells.size() < 19 || cells[0] == "#") continue;
    for (const std::size_t i : {1, 3, 4, 5, 6, 7, 18}) all += cells[i] + " ";
    all += "\n";
  }
  return all;
}

bool Lab::isServedBy(const std::string& vip, const std::string& nodes, const std::string& options) const {
  return ::system((binaryDir() + "/bin/lab-probe --netns " + netns("client") + " --address " + vip + " " + options +
                   " --expect " + nodes + " >/dev/null")
                      .c_str()) == 0;
}

std::map<std::string, int> Lab::answersOf(const std::string& vip, int requests) const {
  std::map<std::string, int> counts;
  inside("client", [&] {
    const traffic::HttpProbe probe(*NetAddress::parse(vip), 80);
    for (int i = 0; i < requests; ++i) ++counts[probe.get().node];
  });
  return counts;
}

int Lab::pid(const std::string& part) const {
  int pid = 0;
  std::ifstream(path(part + ".pid")) >> pid;
  return pid;
}

bool Lab::isRunning(const std::string& part) const { return isAlive(pid(part)); }

void Lab::kill(const std::string& part, int signal) const {
  const int victim = pid(part);
  if (victim <= 1 || ::kill(victim, signal) != 0) throw std::runtime_error("kill " + part);
  if (signal == SIGKILL && !waitFor([&] { return !isAlive(victim); })) throw std::runtime_error(part + " does not die");
}

bool Lab::comesBack(const std::string& part, int old_pid) const {
  return waitFor([&] { return pid(part) != old_pid && isRunning(part); });
}

}  // namespace libra::test
