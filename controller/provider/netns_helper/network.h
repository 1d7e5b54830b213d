#pragma once

#include <string>

#include "controller/provider/netns_helper/settings.h"

// The wires between namespaces: bridge br0 in <prefix>-net, and for device i a pair of
// interfaces, "device<i>" in the bridge and "eth0" in the device. Nothing of it is in
// the namespace of the host.
namespace libra::provider::netns {

std::string deviceNamespace(const Settings& settings, const std::string& device);
std::string bridgeNamespace(const Settings& settings);

Status ensureBridge(const Settings& settings);  // made if it is not there
Status plugIn(const Settings& settings, const std::string& device, int index);
Status pullOut(const Settings& settings, int index);  // the wire is gone; absent is ok
Status cutOff(const Settings& settings, int index);   // the wire is dead

}  // namespace libra::provider::netns
