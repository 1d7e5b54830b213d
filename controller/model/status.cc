#include "controller/model/status.h"

#include <array>
#include <type_traits>
#include <utility>

namespace libra::model {

namespace {

// A new LB, a changed one and a moved one all wait for the device; a settled one
// may be confirmed or fail when its neighbour on the device changes.
bool awaitsDevice(LbStatus s) {
  return s == LbStatus::Build || s == LbStatus::PendingUpdate || s == LbStatus::Rebuilding;
}

std::optional<LbStatus> when(bool allowed, LbStatus to) { return allowed ? std::optional(to) : std::nullopt; }

constexpr std::array<std::pair<LbStatus, std::string_view>, 8> kLbNames{{{LbStatus::Build, "BUILD"},
                                                                         {LbStatus::Active, "ACTIVE"},
                                                                         {LbStatus::PendingUpdate, "PENDING_UPDATE"},
                                                                         {LbStatus::PendingDelete, "PENDING_DELETE"},
                                                                         {LbStatus::Degraded, "DEGRADED"},
                                                                         {LbStatus::Error, "ERROR"},
                                                                         {LbStatus::Rebuilding, "ERROR(REBUILDING)"},
                                                                         {LbStatus::Deleted, "DELETED"}}};
constexpr std::array<std::pair<NodeStatus, std::string_view>, 3> kNodeNames{
    {{NodeStatus::Online, "ONLINE"}, {NodeStatus::Offline, "OFFLINE"}, {NodeStatus::Error, "ERROR"}}};
constexpr std::array<std::pair<DeviceStatus, std::string_view>, 6> kDeviceNames{{{DeviceStatus::Offline, "OFFLINE"},
                                                                                 {DeviceStatus::Build, "BUILD"},
                                                                                 {DeviceStatus::Building, "BUILDING"},
                                                                                 {DeviceStatus::Online, "ONLINE"},
                                                                                 {DeviceStatus::Error, "ERROR"},
                                                                                 {DeviceStatus::Deleted, "DELETED"}}};

template <typename Table, typename Value>
std::string_view nameIn(const Table& table, Value value) {
  for (const auto& [v, text] : table)
    if (v == value) return text;
  return "";
}

template <typename Table>
auto valueIn(const Table& table, std::string_view text) -> std::optional<std::decay_t<decltype(table[0].first)>> {
  for (const auto& [value, spelling] : table)
    if (spelling == text) return value;
  return std::nullopt;
}

}  // namespace

std::optional<LbStatus> next(LbStatus from, LbEvent event) {
  switch (event) {
    case LbEvent::ChangeRequested:
      return when(isMutable(from), LbStatus::PendingUpdate);
    case LbEvent::DeleteRequested:
      return when(isDeletable(from), LbStatus::PendingDelete);
    // A device's answer, good or bad, never takes an LB out of PENDING_DELETE, ERROR
    // or DELETED (TARGET of spec 2.1).
    case LbEvent::Applied:
      return when(awaitsDevice(from) || isMutable(from), LbStatus::Active);
    case LbEvent::AppliedDegraded:
      return when(awaitsDevice(from) || isMutable(from), LbStatus::Degraded);
    case LbEvent::ApplyFailed:
      return when(awaitsDevice(from) || isMutable(from), LbStatus::Error);
    case LbEvent::Removed:
      return when(from == LbStatus::PendingDelete, LbStatus::Deleted);
    case LbEvent::NodeFailed:
      return when(from == LbStatus::Active, LbStatus::Degraded);
    case LbEvent::NodesRecovered:
      return when(from == LbStatus::Degraded, LbStatus::Active);
    // What is being deleted is not rebuilt: the next device simply does not carry it.
    case LbEvent::DeviceLost:
      return when(from != LbStatus::PendingDelete && from != LbStatus::Deleted, LbStatus::Rebuilding);
  }
  return std::nullopt;
}

bool isMutable(LbStatus status) { return status == LbStatus::Active || status == LbStatus::Degraded; }
bool isDeletable(LbStatus status) { return isMutable(status) || status == LbStatus::Error; }

std::string_view name(LbStatus status) { return nameIn(kLbNames, status); }
std::string_view name(NodeStatus status) { return nameIn(kNodeNames, status); }
std::string_view name(DeviceStatus status) { return nameIn(kDeviceNames, status); }
std::optional<LbStatus> parseLbStatus(std::string_view text) { return valueIn(kLbNames, text); }
std::optional<NodeStatus> parseNodeStatus(std::string_view text) { return valueIn(kNodeNames, text); }
std::optional<DeviceStatus> parseDeviceStatus(std::string_view text) { return valueIn(kDeviceNames, text); }

}  // namespace libra::model
