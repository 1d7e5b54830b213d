#pragma once

#include <optional>
#include <string_view>

namespace libra::model {

enum class LbStatus { Build, Active, PendingUpdate, PendingDelete, Degraded, Error, Rebuilding, Deleted };
enum class NodeStatus { Online, Offline, Error };
enum class DeviceStatus { Offline, Build, Building, Online, Error, Deleted };

// What can happen to a load balancer (spec/libra.md 2.1, with its TARGET rules).
enum class LbEvent {
  ChangeRequested,  // PUT, node or monitor change, logs
  DeleteRequested,
  Applied,          // the device runs it, every enabled node is well
  AppliedDegraded,  // the device runs it, some enabled node is in ERROR
  ApplyFailed,      // given up
  Removed,          // the device no longer carries it
  NodeFailed,       // an enabled node went DOWN
  NodesRecovered,   // all enabled nodes are UP again
  DeviceLost        // moved to another device, being rebuilt there
};

// The state after `event`, or nothing where the event is refused (requests) or
// without meaning (reports): the state stays.
std::optional<LbStatus> next(LbStatus from, LbEvent event);

bool isMutable(LbStatus status);    // may be changed now: ACTIVE, DEGRADED
bool isDeletable(LbStatus status);  // may be deleted now: mutable ones and ERROR

// Wire spelling, e.g. "ERROR(REBUILDING)".
std::string_view name(LbStatus status);
std::string_view name(NodeStatus status);
std::string_view name(DeviceStatus status);
std::optional<LbStatus> parseLbStatus(std::string_view text);
std::optional<NodeStatus> parseNodeStatus(std::string_view text);
std::optional<DeviceStatus> parseDeviceStatus(std::string_view text);

}  // namespace libra::model
