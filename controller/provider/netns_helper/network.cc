#include "controller/provider/netns_helper/network.h"

#include <fmt/format.h>

#include <filesystem>

#include "controller/provider/netns_helper/command.h"
#include "controller/provider/netns_helper/namespaces.h"

namespace libra::provider::netns {

namespace {

std::string portOf(int index) { return fmt::format("device{}", index); }

Status ipBatch(const std::string& name_space, const std::string& commands) {
  return runCommand({"ip", "-netns", name_space, "-batch", "-"}, commands);
}

}  // namespace

std::string deviceNamespace(const Settings& settings, const std::string& device) {
  return settings.prefix + "-" + device;
}

std::string bridgeNamespace(const Settings& settings) { return settings.prefix + "-net"; }

Status ensureBridge(const Settings& settings) {
  const std::string name_space = bridgeNamespace(settings);
  if (!std::filesystem::exists(namespacePath(name_space)))
    if (const auto created = createNamespace(name_space); !created) return created;
  if (ipBatch(name_space, "link show br0\n")) return ok();
  return ipBatch(name_space, "link add br0 type bridge forward_delay 0\nlink set br0 up\nlink set lo up\n");
}

Status plugIn(const Settings& settings, const std::string& device, int index) {
  const std::string name_space = deviceNamespace(settings, device);
  if (const auto created = createNamespace(name_space); !created) return created;
  const auto wired = ipBatch(bridgeNamespace(settings), fmt::format("link add {0} type veth peer name eth0 netns {1}\n"
                                                                    "link set {0} master br0\n"
                                                                    "link set {0} up\n",
                                                                    portOf(index), name_space));
  if (!wired) return wired;
  const auto addressed = ipBatch(name_space, fmt::format("link set lo up\n"
                                                         "addr add {}/{} dev eth0\n"
                                                         "addr add {}/{} dev eth0 nodad\n"
                                                         "link set eth0 up\n",
                                                         settings.range.at(index).str(), settings.prefix_length,
                                                         settings.range6.at(index).str(), settings.prefix6_length));
  if (!addressed) return addressed;
  // So that the proxy listens on port 80 without privileges, here and nowhere else.
  return runCommand(
      {"nsenter", "--net=" + namespacePath(name_space), "sysctl", "-qw", "net.ipv4.ip_unprivileged_port_start=0"});
}

Status pullOut(const Settings& settings, int index) {
  const auto gone = ipBatch(bridgeNamespace(settings), fmt::format("link delete {}\n", portOf(index)));
  if (gone || !ipBatch(bridgeNamespace(settings), fmt::format("link show {}\n", portOf(index)))) return ok();
  return gone;
}

Status cutOff(const Settings& settings, int index) {
  return ipBatch(bridgeNamespace(settings), fmt::format("link set {} down\n", portOf(index)));
}

}  // namespace libra::provider::netns
