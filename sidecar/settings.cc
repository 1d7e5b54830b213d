#include "sidecar/settings.h"

#include <filesystem>

#include "lib/protocol/enrolment.h"

namespace libra::sidecar {

namespace {

void readDevice(config::Section device, Settings& settings) {
  settings.device = device.needText("name");
  settings.state_dir = device.needText("state_dir");
  if (!protocol::isDeviceName(settings.device))
    device.problem("name", "only letters, digits, '-', '_' and '.', 64 at most");
}

void readGearman(config::Section gearman, Settings& settings) {
  auto& connection = settings.gearman;
  connection.servers = gearman.texts("servers");
  if (connection.servers.empty()) gearman.problem("servers", "at least one job server is needed");
  connection.clear_text = gearman.flag("clear_text", false);
  settings.sealed = gearman.flag("sealed", !connection.clear_text);
  for (auto [key, file] :
       {std::pair{"ca", &connection.ca}, {"certificate", &connection.certificate}, {"key", &connection.key}})
    *file = connection.clear_text && !settings.sealed ? gearman.text(key) : gearman.needText(key);
}

void readDriver(config::Section driver, Settings& settings) {
  DriverConfig& config = settings.driver_config;
  settings.driver = driver.oneOf("kind", {"haproxy", "nginx", "noop"}, "haproxy");
  config.directory = driver.text("directory", settings.state_dir + "/" + settings.driver);
  config.stats_socket = driver.text("stats_socket", config.directory + "/" + settings.driver + ".sock");
  const std::filesystem::path stats_socket(config.stats_socket);
  config.master_socket = driver.text("master_socket", stats_socket.parent_path() / "master.sock");
  config.drain = std::chrono::seconds(driver.integer("drain", config.drain.count(), 1, 86'400));
  config.binary = driver.text("binary", "/usr/sbin/" + settings.driver);
  config.modules = driver.text("modules", config.modules);
  config.stream_module = driver.text("stream_module", config.stream_module);
  config.management = driver.text("management", "127.0.0.1:9080");
  config.steering = driver.text("steering", "/sys/fs/bpf/libra");
  config.ports.clear();
  for (const auto port : driver.integers("ports", {80, 443, 3306, 8080, 8088, 8443}, 1, 65535))
    config.ports.push_back(static_cast<std::uint16_t>(port));
}

void readWatch(config::Section watch, Settings& settings) {
  auto& heart = settings.heart;
  for (const auto& text : watch.texts("controllers")) {
    const auto controller = heartbeat::Endpoint::parse(text);
    if (controller)
      heart.controllers.push_back(*controller);
    else
      watch.problem("controllers", "'" + text + "' is no address:port");
  }
  heart.tls.ca = watch.text("ca", settings.gearman.ca);
  heart.tls.certificate = watch.text("certificate", settings.gearman.certificate);
  heart.tls.key = watch.text("key", settings.gearman.key);
  if (!heart.controllers.empty() && (heart.tls.ca.empty() || heart.tls.certificate.empty() || heart.tls.key.empty()))
    watch.problem("controllers", "needs ca, certificate and key, here or in [gearman]");
  if (settings.driver != "noop") heart.runtime_socket = settings.driver_config.stats_socket;
}

}  // namespace

Status readSettings(config::File& file, Settings& settings) {
  settings.log_level = file.section("log").oneOf("level", {"debug", "info", "warn", "error"}, "info");
  readDevice(file.section("device"), settings);
  readGearman(file.section("gearman"), settings);
  readDriver(file.section("driver"), settings);
  readWatch(file.section("watch"), settings);
  auto vip = file.section("vip");
  settings.interface = vip.text("interface", settings.interface);
  settings.announce = vip.flag("announce", true);
  settings.network_target = file.section("diagnostics").text("network_target");
  return ok();
}

}  // namespace libra::sidecar
