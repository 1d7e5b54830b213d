#include "tests/chaos/whole_libra.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>

#include "tests/support/child_process.h"
#include "tests/traffic/http_probe.h"

namespace libra::test {

namespace {

constexpr const char* kWatchInterval = "250";  // ms: the machine is crowded
constexpr const char* kDevicesDisk = "64m";
constexpr std::chrono::seconds kRevives{30};

std::unique_ptr<Lab> onlyTheNetwork() {
  ::setenv("LIBRA_UNTIL", "network", 1);
  return std::make_unique<Lab>();
}

}  // namespace

WholeLibra::WholeLibra() : lab_(onlyTheNetwork()) {
  await([this] {
    if (!traffic::enterNetns(lab_->netns("ctl"))) throw std::runtime_error("no namespace of the controllers");
    galera_ = std::make_unique<GaleraCluster>();
  });
  std::string servers;
  for (const auto& server : onDatabase([](GaleraCluster& galera) { return galera.options("libra").servers; }))
    servers += server + " ";
  lab_->set("LIBRA_DATABASE", servers);
  lab_->set("LIBRA_DATABASE_SOCKET", onDatabase([](GaleraCluster& galera) { return galera.node(0).socket(); }));
  for (const char* both : {"LIBRA_CONTROLLERS", "LIBRA_JOB_SERVERS"}) lab_->set(both, "2");
  for (const char* port : {"LIBRA_API_PORT_2", "LIBRA_ADMIN_PORT_2"}) lab_->set(port, std::to_string(freePort()));
  lab_->set("LIBRA_SPARES", std::to_string(kSpares));
  lab_->set("LIBRA_WATCH_INTERVAL", kWatchInterval);
  lab_->set("LIBRA_USAGE_EVERY", "5");
  lab_->set("LIBRA_STRANGER_AFTER", "15");  // seconds; controllers die while they build
  lab_->set("LIBRA_SKEW", "1");
  lab_->set("LIBRA_DEVICES_DISK", kDevicesDisk);
  lab_->set("LIBRA_UNTIL", "");
  lab_->up();
  lab_->set("LIBRA_UNTIL", "servers");
}

WholeLibra::~WholeLibra() {
  await([this] { galera_.reset(); });
}

// A database node that comes back keeps another one busy, which refuses meanwhile.
void WholeLibra::revive() {
  std::string why;
  const auto up = [&] {
    try {
      lab_->up();
      return true;
    } catch (const std::runtime_error& error) {
      why = error.what();
      return false;
    }
  };
  if (!waitFor(up, kRevives)) throw std::runtime_error(why);
}

std::vector<std::string> WholeLibra::deviceNames() const {
  std::vector<std::string> names;
  for (const auto& name : lab_->devices())
    if (std::filesystem::exists("/run/netns/" + lab_->netns(name))) names.push_back(name);
  return names;
}

std::string WholeLibra::ownerOf(const std::string& vip) const {
  return sqlAtLast(
      "SELECT devices.name FROM devices JOIN vips ON vips.device = devices.id WHERE INET6_NTOA(vips.address) = '" +
      vip + "'");
}

int WholeLibra::spares() const {
  return std::atoi(sqlAtLast("SELECT COUNT(*) FROM devices WHERE status = 'OFFLINE'").c_str());
}

std::string WholeLibra::sqlAtLast(const std::string& statement) const {
  std::string cells;
  waitFor([&] {
    try {
      cells = lab_->sql(statement);
      return true;
    } catch (const std::runtime_error&) {
      return false;
    }
  });
  return cells;
}

std::vector<std::string> WholeLibra::vipsOn(const std::string& device) const {
  std::vector<std::string> vips;
  const auto text = addressesOf(device);
  constexpr std::string_view kPool = " 10.77.9.";
  for (auto at = text.find(kPool); at != std::string::npos; at = text.find(kPool, at + 1))
    vips.push_back(text.substr(at + 1, text.find('/', at) - at - 1));
  return vips;
}

bool WholeLibra::disableANode(const std::string& device) {
  try {
    std::map<std::string, int> enabled;  // servers of tenants, by backend
    std::istringstream states(lab_->haproxy(device, "show servers state"));
    for (std::string line; std::getline(states, line);) {
      std::istringstream cells(line);
      std::string id, backend, number, server, address, state, admin;
      cells >> id >> backend >> number >> server >> address >> state >> admin;
      if (!address.starts_with("10.77.1.") || admin != "0" || ++enabled[backend] < 2) continue;
      lab_->haproxy(device, "disable server " + backend + "/" + server);
      return true;
    }
  } catch (const std::runtime_error&) {  // it is being built or removed
  }
  return false;
}

void WholeLibra::skewClock(const std::string& controller, std::chrono::seconds by) {
  const std::int64_t seconds = by.count();
  std::fstream file(lab_->path("skew-" + controller), std::ios::in | std::ios::out | std::ios::binary);
  file.write(reinterpret_cast<const char*>(&seconds), sizeof seconds);
}

// A disk of the lab's own: the machine's would be full for everybody.
void WholeLibra::fillDevicesDisk() {
  struct stat disk {
  }, lab{};
  if (::stat(lab_->path("devices").c_str(), &disk) != 0 || ::stat(lab_->path("").c_str(), &lab) != 0 ||
      disk.st_dev == lab.st_dev)
    throw std::runtime_error("the devices have no disk of their own");
  shell("! cat /dev/zero 2>/dev/null >" + lab_->path("devices/.full"));
}

void WholeLibra::freeDevicesDisk() { std::filesystem::remove(lab_->path("devices/.full")); }

int WholeLibra::cutConnections(const std::string& machine) {
  std::string ours;  // not those of tenants' clients
  for (const char* port : {"4731", "4732", "4740", "4741"})
    for (const char* end : {"sport", "dport"}) ours += (ours.empty() ? "" : " or ") + std::string(end) + " = :" + port;
  // A device may go at any moment; ss tells what it closed, a line each.
  const auto closed = shell("ip netns exec " + lab_->netns(machine) + " ss -HKt state established '( " + ours +
                            " )' 2>/dev/null || true");
  return static_cast<int>(std::count(closed.begin(), closed.end(), '\n'));
}

std::string WholeLibra::addressesOf(const std::string& device) const {
  return shell("ip -n " + lab_->netns(device) + " -o address 2>/dev/null || true");  // it may go at any moment
}

std::string WholeLibra::holdersOf(const std::string& address) const {
  std::string holders;
  for (const auto& name : deviceNames())
    if (addressesOf(name).find(" " + address + "/") != std::string::npos)
      holders += (holders.empty() ? "" : " ") + name;
  return holders;
}

}  // namespace libra::test
