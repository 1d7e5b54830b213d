#include "sidecar/settings.h"

#include <algorithm>

namespace libra::sidecar {

namespace {

// It becomes a Gearman function, a certificate's name and a part of file names.
bool isDeviceName(const std::string& name) {
  return name.size() <= 255 && !name.starts_with('.') && std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '-' || c == '.' || c == '_';
         });
}

void readDevice(config::Section device, Settings& settings) {
  settings.device = device.needText("name");
  settings.state_dir = device.needText("state_dir");
  if (!isDeviceName(settings.device)) device.problem("name", "only letters, digits, '-', '_' and '.'");
}

void readGearman(config::Section gearman, gear::Connection& connection) {
  connection.servers = gearman.texts("servers");
  if (connection.servers.empty()) gearman.problem("servers", "at least one job server is needed");
  connection.clear_text = gearman.flag("clear_text", false);
  if (connection.clear_text) return;
  connection.ca = gearman.needText("ca");
  connection.certificate = gearman.needText("certificate");
  connection.key = gearman.needText("key");
}

void readDriver(config::Section driver, Settings& settings) {
  DriverConfig& config = settings.driver_config;
  settings.driver = driver.oneOf("kind", {"haproxy", "noop"}, "haproxy");
  config.directory = driver.text("directory", settings.state_dir + "/haproxy");
  config.stats_socket = driver.text("stats_socket", config.directory + "/haproxy.sock");
  config.binary = driver.text("binary", config.binary);
  config.management = driver.text("management", "127.0.0.1:9080");
  config.ports.clear();
  for (const auto port : driver.integers("ports", {80, 443, 3306, 8080, 8088, 8443}, 1, 65535))
    config.ports.push_back(static_cast<std::uint16_t>(port));
}

}  // namespace

Status readSettings(config::File& file, Settings& settings) {
  settings.log_level = file.section("log").oneOf("level", {"debug", "info", "warn", "error"}, "info");
  readDevice(file.section("device"), settings);
  readGearman(file.section("gearman"), settings.gearman);
  readDriver(file.section("driver"), settings);
  auto vip = file.section("vip");
  settings.interface = vip.text("interface", settings.interface);
  settings.announce = vip.flag("announce", true);
  settings.network_target = file.section("diagnostics").text("network_target");
  return ok();
}

}  // namespace libra::sidecar
