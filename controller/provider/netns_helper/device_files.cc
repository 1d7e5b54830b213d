#include "controller/provider/netns_helper/device_files.h"

#include <fmt/format.h>
#include <linux/capability.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "controller/provider/netns_helper/network.h"
#include "controller/provider/netns_message.h"
#include "lib/base/files.h"
#include "lib/config/toml_text.h"

namespace libra::provider::netns {

namespace {

using config::tomlList;
using config::tomlText;

namespace fs = std::filesystem;

constexpr int kDaysValid = 365;

Error failed(const std::string& path) { return {ErrorCode::Internal, path + ": " + std::strerror(errno)}; }

std::string driverToml(const Settings& settings, const std::string& driver, int index) {
  if (driver == "nginx")
    return fmt::format(
        "kind = \"nginx\"\ndirectory = \"nginx\"\nstats_socket = \"nginx/control.sock\"\nbinary = {}\nmodules = {}\n",
        tomlText(settings.nginx), tomlText(settings.nginx_modules));
  return fmt::format(
      "kind = \"haproxy\"\ndirectory = \"haproxy\"\nstats_socket = \"haproxy/stats.sock\"\nbinary = {}\n"
      "management = \"{}:9080\"\nsteering = \"steering\"\n",
      tomlText(settings.haproxy), settings.range.at(index).str());
}

std::string sidecarToml(const Settings& settings, const std::string& device, const std::string& driver, int index) {
  return fmt::format(
      "[log]\nlevel = {}\n\n"
      "[device]\nname = {}\nstate_dir = \"state\"\n\n"
      "[gearman]\nservers = {}\nca = \"tls/ca.crt\"\ncertificate = \"tls/device.crt\"\nkey = \"tls/device.key\"\n"
      "clear_text = {}\n\n"
      "[driver]\n{}\n"
      "[watch]\ncontrollers = {}\n\n"
      "[vip]\ninterface = \"eth0\"\nannounce = true\n",
      tomlText(settings.sidecar_log_level), tomlText(device), tomlList(settings.job_servers), settings.clear_text,
      driverToml(settings, driver, index), tomlList(settings.controllers));
}

std::string nextDriver(const Settings& settings, int index) {
  return settings.drivers.at(static_cast<std::size_t>(index - 1) % settings.drivers.size());
}

Status makeFolder(const std::string& path, const User& owner, mode_t mode) {
  if (::mkdir(path.c_str(), mode) != 0 && errno != EEXIST) return failed(path);
  if (::chown(path.c_str(), owner.uid, owner.gid) != 0 || ::chmod(path.c_str(), mode) != 0) return failed(path);
  return ok();
}

Status writeIdentity(const Settings& settings, const tls::Identity& authority, const std::string& device) {
  const std::string folder = deviceFolder(settings, device) + "/tls";
  const tls::Subject subject{.common_name = device, .dns = {device}, .uri = {"libra:device:" + device}};
  const auto identity =
      tls::issueCertificate(authority, subject, tls::validFor(std::chrono::system_clock::now(), kDaysValid));
  if (!identity) return identity.error();
  const auto files = tls::writeIdentity(folder, "device", *identity);
  if (!files) return files.error();
  if (::chown(files->key.c_str(), settings.device_user.uid, settings.device_user.gid) != 0) return failed(files->key);
  return replaceFile(folder + "/ca.crt", authority.certificate);
}

Launch launchOf(const Settings& settings, const std::string& device, const std::string& program,
                std::vector<std::string> argv) {
  const std::string folder = deviceFolder(settings, device);
  return {.name_space = deviceNamespace(settings, device),
          .directory = folder,
          .argv = std::move(argv),
          .log = folder + "/" + program + ".log",
          .pid_file = folder + "/" + program + ".pid",
          .user = settings.device_user};
}

}  // namespace

std::string deviceFolder(const Settings& settings, const std::string& device) {
  return settings.devices_dir + "/" + device;
}

std::vector<std::string> devicesOnDisk(const Settings& settings) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator at(settings.devices_dir, error), end; !error && at != end; at.increment(error))
    if (isDeviceName(at->path().filename().string())) names.push_back(at->path().filename());
  return names;
}

Status writeDeviceFiles(const Settings& settings, const tls::Identity& authority, const std::string& device,
                        int index) {
  const std::string folder = deviceFolder(settings, device);
  const User root{"root"};
  if (const auto made = makeFolder(folder, root, 0755); !made) return made;
  const auto driver = nextDriver(settings, index);
  if (const auto written =
          replaceFile(folder + "/device.toml", fmt::format("index = {}\ndriver = \"{}\"\n", index, driver));
      !written)
    return written;
  if (const auto made = makeFolder(folder + "/tls", root, 0755); !made) return made;
  for (const auto& own : {std::string("state"), driver})
    if (const auto made = makeFolder(folder + "/" + own, settings.device_user, 0750); !made) return made;
  if (const auto written = writeIdentity(settings, authority, device); !written) return written;
  return replaceFile(folder + "/sidecar.toml", sidecarToml(settings, device, driver, index));
}

std::string steeringFolder(const Settings& settings, const std::string& device) {
  return deviceFolder(settings, device) + "/steering";
}

Status removeDeviceFiles(const Settings& settings, const std::string& device) {
  const auto steering = steeringFolder(settings, device);
  while (::umount2(steering.c_str(), MNT_DETACH) == 0) continue;
  if (errno != EINVAL && errno != ENOENT) return failed(steering);
  std::error_code error;
  fs::remove_all(deviceFolder(settings, device), error);
  return error ? Status(Error{ErrorCode::Internal, deviceFolder(settings, device) + ": " + error.message()}) : ok();
}

std::optional<int> indexOf(const Settings& settings, const std::string& device) {
  auto file = config::File::read(deviceFolder(settings, device) + "/device.toml");
  const auto index = file ? file->top().integer("index", 0, 1, settings.most_devices) : 0;
  return index == 0 ? std::nullopt : std::optional(static_cast<int>(index));
}

std::string driverOf(const Settings& settings, const std::string& device) {
  auto file = config::File::read(deviceFolder(settings, device) + "/device.toml");
  return file ? file->top().text("driver", "haproxy") : "haproxy";
}

bool hasBaseConfig(const Settings& settings, const std::string& device) {
  const auto driver = driverOf(settings, device);
  const auto* file = driver == "nginx" ? "nginx.conf" : "haproxy.cfg";
  return fs::exists(deviceFolder(settings, device) + "/" + driver + "/" + file);
}

Status setMark(const Settings& settings, const std::string& device, const char* mark) {
  return replaceFile(deviceFolder(settings, device) + "/" + mark, "");
}

bool hasMark(const Settings& settings, const std::string& device, const char* mark) {
  return fs::exists(deviceFolder(settings, device) + "/" + mark);
}

Launch baseConfigLaunch(const Settings& settings, const std::string& device) {
  auto launch =
      launchOf(settings, device, "sidecar", {settings.sidecar, "--config", "sidecar.toml", "--write-base-config"});
  launch.pid_file.clear();
  return launch;
}

// What a killed nginx left of its sockets would keep the next one from starting.
Launch proxyLaunch(const Settings& settings, const std::string& device) {
  if (driverOf(settings, device) == "nginx")
    return launchOf(
        settings, device, "nginx",
        {"/bin/sh", "-c", "rm -f nginx/*.sock; exec \"$0\" -p nginx/ -c nginx.conf -g 'daemon off;'", settings.nginx});
  return launchOf(settings, device, "haproxy",
                  {settings.haproxy, "-W", "-S", "unix@haproxy/master.sock,mode,660", "-f", "haproxy/haproxy.cfg"});
}

Launch sidecarLaunch(const Settings& settings, const std::string& device) {
  auto launch = launchOf(settings, device, "sidecar", {settings.sidecar, "--config", "sidecar.toml"});
  launch.capabilities = {CAP_NET_ADMIN, CAP_NET_RAW};
  return launch;
}

}  // namespace libra::provider::netns
