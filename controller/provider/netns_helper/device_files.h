#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controller/provider/netns_helper/process.h"
#include "controller/provider/netns_helper/settings.h"
#include "lib/tls/authority.h"

// <devices_dir>/<name>/: what a device has on disk, which is all the helper remembers.
//   device.toml              its index and what its proxy is, haproxy or nginx
//   built                    written last: without it the build did not end
//   fenced                   there when it is cut off for good
//   sidecar.toml             settings; relative paths, since both programs run here
//   tls/ state/ <proxy>/     of the device's user
//   steering/                a bpffs of its own with the pins of the steering program
//   <proxy>.pid sidecar.pid  and their .log, of root
namespace libra::provider::netns {

std::string deviceFolder(const Settings& settings, const std::string& device);
std::vector<std::string> devicesOnDisk(const Settings& settings);

// All but the marks; the certificate is signed by `authority`.
Status writeDeviceFiles(const Settings& settings, const tls::Identity& authority, const std::string& device, int index);
std::string steeringFolder(const Settings& settings, const std::string& device);
Status removeDeviceFiles(const Settings& settings, const std::string& device);
std::optional<int> indexOf(const Settings& settings, const std::string& device);  // none: no usable device.toml

std::string driverOf(const Settings& settings, const std::string& device);  // "haproxy" or "nginx"
bool hasBaseConfig(const Settings& settings, const std::string& device);

constexpr const char* kBuilt = "built";
constexpr const char* kFenced = "fenced";
Status setMark(const Settings& settings, const std::string& device, const char* mark);
bool hasMark(const Settings& settings, const std::string& device, const char* mark);

// How the programs of a device are run.
Launch baseConfigLaunch(const Settings& settings, const std::string& device);  // once, before the others
Launch proxyLaunch(const Settings& settings, const std::string& device);
Launch sidecarLaunch(const Settings& settings, const std::string& device);

}  // namespace libra::provider::netns
