#include "controller/provider/netns_helper/device_files.h"

#include <fmt/format.h>
#include <linux/capability.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "controller/provider/netns_helper/network.h"
#include "controller/provider/netns_message.h"
#include "lib/base/files.h"

namespace libra::provider::netns {

namespace {

namespace fs = std::filesystem;

constexpr int kDaysValid = 365;

Error failed(const std::string& path) { return {ErrorCode::Internal, path + ": " + std::strerror(errno)}; }

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) out += c == '"' || c == '\\' ? std::string{'\\', c} : std::string{c};
  return out + '"';
}

std::string quotedList(const std::vector<std::string>& texts) {
  std::string out;
  for (const auto& text : texts) out += (out.empty() ? "" : ", ") + quoted(text);
  return "[" + out + "]";
}

std::string sidecarToml(const Settings& settings, const std::string& device, int index) {
  return fmt::format(
      "[log]\nlevel = {}\n\n"
      "[device]\nname = {}\nstate_dir = \"state\"\n\n"
      "[gearman]\nservers = {}\nca = \"tls/ca.crt\"\ncertificate = \"tls/device.crt\"\nkey = \"tls/device.key\"\n"
      "clear_text = {}\n\n"
      "[driver]\nkind = \"haproxy\"\ndirectory = \"haproxy\"\nstats_socket = \"haproxy/stats.sock\"\nbinary = {}\n"
      "management = \"{}:9080\"\n\n"
      "[vip]\ninterface = \"eth0\"\nannounce = true\n",
      quoted(settings.sidecar_log_level), quoted(device), quotedList(settings.job_servers), settings.clear_text,
      quoted(settings.haproxy), settings.range.at(index).str());
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
  if (const auto written = replaceFile(folder + "/device.toml", fmt::format("index = {}\n", index)); !written)
    return written;
  if (const auto made = makeFolder(folder + "/tls", root, 0755); !made) return made;
  for (const char* own : {"/state", "/haproxy"})
    if (const auto made = makeFolder(folder + own, settings.device_user, 0750); !made) return made;
  if (const auto written = writeIdentity(settings, authority, device); !written) return written;
  return replaceFile(folder + "/sidecar.toml", sidecarToml(settings, device, index));
}

Status removeDeviceFiles(const Settings& settings, const std::string& device) {
  std::error_code error;
  fs::remove_all(deviceFolder(settings, device), error);
  return error ? Status(Error{ErrorCode::Internal, deviceFolder(settings, device) + ": " + error.message()}) : ok();
}

std::optional<int> indexOf(const Settings& settings, const std::string& device) {
  auto file = config::File::read(deviceFolder(settings, device) + "/device.toml");
  const auto index = file ? file->top().integer("index", 0, 1, settings.most_devices) : 0;
  return index == 0 ? std::nullopt : std::optional(static_cast<int>(index));
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

Launch haproxyLaunch(const Settings& settings, const std::string& device) {
  return launchOf(settings, device, "haproxy", {settings.haproxy, "-db", "-f", "haproxy/haproxy.cfg"});
}

Launch sidecarLaunch(const Settings& settings, const std::string& device) {
  auto launch = launchOf(settings, device, "sidecar", {settings.sidecar, "--config", "sidecar.toml"});
  launch.capabilities = {CAP_NET_ADMIN, CAP_NET_RAW};
  return launch;
}

}  // namespace libra::provider::netns
