#include "controller/provider/netns_helper/devices.h"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "controller/provider/netns_helper/command.h"
#include "controller/provider/netns_helper/device_files.h"
#include "controller/provider/netns_helper/namespaces.h"
#include "controller/provider/netns_helper/network.h"
#include "lib/base/files.h"
#include "lib/log/log.h"

namespace libra::provider::netns {

namespace {

constexpr log::Logger kLog{"netns"};
constexpr std::chrono::seconds kBaseConfig{5};

Result<Fd> lockDevices(const Settings& settings) {
  std::error_code error;
  std::filesystem::create_directories(settings.devices_dir, error);
  Fd fd(::open(settings.devices_dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return Error{ErrorCode::Internal, settings.devices_dir + ": " + std::strerror(errno)};
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0)
    return Error{ErrorCode::Conflict, settings.devices_dir + ": another helper is using it"};
  return fd;
}

Result<tls::Identity> readAuthority(const Settings& settings) {
  auto certificate = readFile(settings.ca);
  if (!certificate) return certificate.error();
  auto key = readFile(settings.ca_key);
  if (!key) return key.error();
  return tls::Identity{*std::move(certificate), *std::move(key)};
}

Status writeBaseConfig(const Settings& settings, const std::string& name) {
  const auto what = baseConfigLaunch(settings, name);
  const auto process = launch(what);
  if (!process) return process.error();
  if (!waitForEnd(*process, kBaseConfig)) {
    killNow(*process);
    waitForEnd(*process, kBaseConfig);
  }
  reap(*process);
  if (hasBaseConfig(settings, name)) return ok();
  const Fd log(::open(what.log.c_str(), O_RDONLY | O_CLOEXEC));
  return Error{ErrorCode::Internal, settings.sidecar + " wrote no base configuration: " + lastLineOf(log.get())};
}

// A device without it serves its catalogue ports; its sidecar tells.
void loadSteering(const Settings& settings, const std::string& name) {
  const auto loaded = runCommand({"nsenter", "--net=" + namespacePath(deviceNamespace(settings, name)), settings.steer,
                                  "--pins", steeringFolder(settings, name), "--user", settings.device_user.name});
  if (!loaded) kLog.warn("device {} listens on its catalogue ports only: {}", name, loaded.error().message);
}

}  // namespace

// One call's right to change a device.
class Devices::Turn {
 public:
  Turn(Devices& devices, const std::string& name)
      : devices_(devices), name_(name), mine_(devices.busy_.lock()->insert(name).second) {}
  Turn(const Turn&) = delete;
  ~Turn() {
    if (mine_) devices_.busy_.lock()->erase(name_);
  }
  Status taken() const {
    return mine_ ? ok() : Status(Error{ErrorCode::Unavailable, "device " + name_ + " is being changed, try again"});
  }

 private:
  Devices& devices_;
  const std::string name_;
  const bool mine_;
};

Result<std::unique_ptr<Devices>> Devices::open(const Settings& settings) {
  auto lock = lockDevices(settings);
  if (!lock) return lock.error();
  auto authority = readAuthority(settings);
  if (!authority) return authority.error();
  if (const auto bridge = ensureBridge(settings); !bridge) return bridge.error();
  std::unique_ptr<Devices> devices(new Devices(settings, *std::move(lock), *std::move(authority)));
  for (const auto& name : devicesOnDisk(settings))
    if (const auto adopted = devices->adopt(name); !adopted)
      kLog.error("device {} not adopted: {}", name, adopted.error().message);
  return devices;
}

Devices::Devices(Settings settings, Fd lock, tls::Identity authority)
    : settings_(std::move(settings)), lock_(std::move(lock)), authority_(std::move(authority)) {}

Status Devices::adopt(const std::string& name) {
  const auto index = indexOf(settings_, name);
  const bool exists = std::filesystem::exists(namespacePath(deviceNamespace(settings_, name)));
  if (!index || !exists || !hasMark(settings_, name, kBuilt)) {
    kLog.warn("device {} is incomplete and removed", name);
    return takeAway(name);
  }
  indexes_.lock()->emplace(*index, name);
  if (hasMark(settings_, name, kFenced)) return ok();
  supervisor_.adopt(name, proxyLaunch(settings_, name));
  supervisor_.adopt(name, sidecarLaunch(settings_, name));
  kLog.info("device {} adopted", name);
  return ok();
}

Result<std::string> Devices::build(const std::string& name) {
  const Turn turn(*this, name);
  if (const auto taken = turn.taken(); !taken) return taken.error();
  if (hasMark(settings_, name, kFenced)) return Error{ErrorCode::Conflict, "device " + name + " is fenced"};
  if (const auto old = indexOf(settings_, name); old && hasMark(settings_, name, kBuilt))
    return settings_.range.at(*old).str();

  const auto index = takeIndex(name);
  if (!index) return index.error();
  const auto made = make(name, *index);
  if (made) {
    kLog.info("device {} built at {}", name, settings_.range.at(*index).str());
    return settings_.range.at(*index).str();
  }
  if (const auto undone = takeAway(name); !undone)
    kLog.error("device {}: what was built of it stays: {}", name, undone.error().message);
  return made.error();
}

Status Devices::make(const std::string& name, int index) {
  if (const auto written = writeDeviceFiles(settings_, authority_, name, index); !written) return written;
  if (const auto plugged = plugIn(settings_, name, index); !plugged) return plugged;
  if (driverOf(settings_, name) == "haproxy") loadSteering(settings_, name);
  if (const auto configured = writeBaseConfig(settings_, name); !configured) return configured;
  if (const auto started = supervisor_.start(name, proxyLaunch(settings_, name)); !started) return started;
  if (const auto started = supervisor_.start(name, sidecarLaunch(settings_, name)); !started) return started;
  return setMark(settings_, name, kBuilt);
}

Status Devices::destroy(const std::string& name) {
  const Turn turn(*this, name);
  if (const auto taken = turn.taken(); !taken) return taken;
  if (!std::filesystem::exists(deviceFolder(settings_, name))) return ok();
  const auto gone = takeAway(name);
  if (gone) kLog.info("device {} destroyed", name);
  return gone;
}

// The folder goes last: while it is there, another try finds what is left.
Status Devices::takeAway(const std::string& name) {
  supervisor_.forget(name);
  if (const auto removed = removeNamespace(deviceNamespace(settings_, name)); !removed) return removed;
  if (const auto index = indexOf(settings_, name))
    if (const auto pulled = pullOut(settings_, *index); !pulled) return pulled;
  if (const auto removed = removeDeviceFiles(settings_, name); !removed) return removed;
  giveBackIndex(name);
  return ok();
}

Status Devices::fence(const std::string& name) {
  const Turn turn(*this, name);
  if (const auto taken = turn.taken(); !taken) return taken;
  const auto index = indexOf(settings_, name);
  if (!index) return ok();  // absent, so it holds nothing
  if (const auto cut = cutOff(settings_, *index); !cut) return cut;
  if (const auto marked = setMark(settings_, name, kFenced); !marked) return marked;
  supervisor_.forget(name);
  kLog.warn("device {} fenced", name);
  return killAllIn(deviceNamespace(settings_, name));
}

std::vector<std::string> Devices::list() const { return devicesOnDisk(settings_); }

Result<int> Devices::takeIndex(const std::string& name) {
  auto indexes = indexes_.lock();
  for (int index = 1; index <= settings_.most_devices; ++index)
    if (indexes->emplace(index, name).second) return index;
  return Error{ErrorCode::Unavailable, "no address left for another device"};
}

void Devices::giveBackIndex(const std::string& name) {
  std::erase_if(*indexes_.lock(), [&](const auto& entry) { return entry.second == name; });
}

Status removeEverything(const Settings& settings) {
  const auto lock = lockDevices(settings);
  if (!lock) return lock.error();
  for (const auto& name_space : namespacesNamed(settings.prefix + "-"))
    if (const auto removed = removeNamespace(name_space); !removed) return removed;
  for (const auto& device : devicesOnDisk(settings))
    if (const auto removed = removeDeviceFiles(settings, device); !removed) return removed;
  std::error_code error;
  std::filesystem::remove(settings.socket, error);
  std::filesystem::remove(settings.devices_dir, error);  // when nothing else is in it
  return ok();
}

}  // namespace libra::provider::netns
