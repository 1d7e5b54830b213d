#include "controller/provider/netns_helper/settings.h"

#include <pwd.h>

#include <algorithm>
#include <array>

#include "controller/provider/netns_message.h"

namespace libra::provider::netns {

namespace {

User readUser(config::Section& section, std::string_view key, const std::string& fallback) {
  const std::string name = section.text(key, fallback);
  passwd entry{};
  passwd* found = nullptr;
  std::array<char, 16384> buffer;
  if (::getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) {
    section.problem(key, "no user '" + name + "' on this host");
    return {name};
  }
  return {name, entry.pw_uid, entry.pw_gid};
}

std::string readPath(config::Section& section, std::string_view key, const std::string& fallback) {
  const std::string path = fallback.empty() ? section.needText(key) : section.text(key, fallback);
  if (!path.empty() && path[0] != '/') section.problem(key, "must be an absolute path");
  return path;
}

NetRange readRange(config::Section& section, std::string_view key, const std::string& fallback, bool v6) {
  const auto range = NetRange::parse(section.text(key, fallback));
  if (range && range->network.isV6() == v6 && range->prefix < (v6 ? 128 : 32)) return *range;
  section.problem(key, v6 ? "is no IPv6 range" : "is no IPv4 range");
  return *NetRange::parse(fallback);
}

int devicesIn(const NetRange& range) {
  return static_cast<int>(std::min<std::uint64_t>(range.size(), 65536)) - 2;  // neither the first nor the last
}

}  // namespace

Status readSettings(config::File& file, Settings& settings) {
  auto top = file.top();
  settings.log_level = file.section("log").text("level", "info");
  settings.prefix = top.text("prefix", "libra");
  if (!isDeviceName(settings.prefix)) top.problem("prefix", "must be of [a-z0-9-], at most 40");
  settings.socket = readPath(top, "socket", "");
  settings.controller = readUser(top, "controller_user", "root");
  settings.devices_dir = readPath(top, "devices_dir", "");
  settings.ca = readPath(top, "ca", "");
  settings.ca_key = readPath(top, "ca_key", "");

  auto device = file.section("device");
  settings.sidecar = readPath(device, "sidecar", "/usr/bin/libra-sidecar");
  settings.haproxy = readPath(device, "haproxy", "/usr/sbin/haproxy");
  settings.nginx = readPath(device, "nginx", "/usr/sbin/nginx");
  settings.nginx_modules = readPath(device, "nginx_modules", "/usr/lib/nginx/modules");
  settings.drivers = device.texts("drivers");
  if (settings.drivers.empty()) settings.drivers = {"haproxy"};
  for (const auto& driver : settings.drivers)
    if (driver != "haproxy" && driver != "nginx")
      device.problem("drivers", "'" + driver + "' is neither haproxy nor nginx");
  settings.steer = readPath(device, "steer", "/usr/sbin/libra-steer");
  settings.device_user = readUser(device, "user", "nobody");
  settings.job_servers = device.texts("job_servers");
  settings.controllers = device.texts("controllers");
  settings.clear_text = device.flag("clear_text");
  settings.sidecar_log_level = device.text("log_level", "info");

  auto network = file.section("network");
  settings.range = readRange(network, "range", "10.77.2.0/24", false);
  settings.prefix_length = static_cast<int>(network.integer("prefix", 16, 8, 32));
  settings.range6 = readRange(network, "range6", "fd77::2:0/112", true);
  settings.prefix6_length = static_cast<int>(network.integer("prefix6", 64, 16, 128));
  settings.most_devices = std::min(devicesIn(settings.range), devicesIn(settings.range6));
  return ok();
}

}  // namespace libra::provider::netns
