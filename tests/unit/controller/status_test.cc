#include "controller/model/status.h"

#include <gtest/gtest.h>

#include <array>
#include <map>

namespace libra::model {
namespace {

using S = LbStatus;
using E = LbEvent;
constexpr auto kStays = std::nullopt;

struct Row {
  S from;
  // In the order of LbEvent: change, delete, applied, applied degraded, apply failed,
  // removed, node failed, nodes recovered, device lost.
  std::array<std::optional<S>, 9> to;
};

// spec/libra.md 2.1 as a table, TARGET rules included.
const Row kTable[] = {
    {S::Build, {kStays, kStays, S::Active, S::Degraded, S::Error, kStays, kStays, kStays, S::Rebuilding}},
    {S::Active,
     {S::PendingUpdate, S::PendingDelete, S::Active, S::Degraded, S::Error, kStays, S::Degraded, kStays,
      S::Rebuilding}},
    {S::Degraded,
     {S::PendingUpdate, S::PendingDelete, S::Active, S::Degraded, S::Error, kStays, kStays, S::Active, S::Rebuilding}},
    {S::PendingUpdate, {kStays, kStays, S::Active, S::Degraded, S::Error, kStays, kStays, kStays, S::Rebuilding}},
    {S::PendingDelete, {kStays, kStays, kStays, kStays, kStays, S::Deleted, kStays, kStays, kStays}},
    {S::Error, {kStays, S::PendingDelete, kStays, kStays, kStays, kStays, kStays, kStays, S::Rebuilding}},
    {S::Rebuilding, {kStays, kStays, S::Active, S::Degraded, S::Error, kStays, kStays, kStays, S::Rebuilding}},
    {S::Deleted, {kStays, kStays, kStays, kStays, kStays, kStays, kStays, kStays, kStays}},
};

class LbStatusTable : public testing::TestWithParam<Row> {};

TEST_P(LbStatusTable, GivesTheNextStateForEachEvent) {
  const Row& row = GetParam();
  for (std::size_t event = 0; event < row.to.size(); ++event)
    EXPECT_EQ(next(row.from, static_cast<E>(event)), row.to[event]) << name(row.from) << ", event " << event;
}

TEST_P(LbStatusTable, RequestsAreAllowedExactlyWhereTheyLeadSomewhere) {
  const S from = GetParam().from;
  EXPECT_EQ(isMutable(from), next(from, E::ChangeRequested).has_value());
  EXPECT_EQ(isDeletable(from), next(from, E::DeleteRequested).has_value());
}

INSTANTIATE_TEST_SUITE_P(From, LbStatusTable, testing::ValuesIn(kTable), [](const auto& row) {
  std::string label(name(row.param.from));
  std::erase_if(label, [](char c) { return c == '(' || c == ')'; });
  return label;
});

TEST(StatusNames, AreTheWireSpellingsAndReadBack) {
  const std::map<S, std::string_view> lb = {{S::Build, "BUILD"},
                                            {S::Active, "ACTIVE"},
                                            {S::PendingUpdate, "PENDING_UPDATE"},
                                            {S::PendingDelete, "PENDING_DELETE"},
                                            {S::Degraded, "DEGRADED"},
                                            {S::Error, "ERROR"},
                                            {S::Rebuilding, "ERROR(REBUILDING)"},
                                            {S::Deleted, "DELETED"}};
  for (const auto& [status, text] : lb) {
    EXPECT_EQ(name(status), text);
    EXPECT_EQ(parseLbStatus(text), status);
  }
  for (auto status : {NodeStatus::Online, NodeStatus::Offline, NodeStatus::Error})
    EXPECT_EQ(parseNodeStatus(name(status)), status);
  for (auto status : {DeviceStatus::Offline, DeviceStatus::Build, DeviceStatus::Building, DeviceStatus::Online,
                      DeviceStatus::Error, DeviceStatus::Deleted})
    EXPECT_EQ(parseDeviceStatus(name(status)), status);
}

TEST(StatusNames, NothingElseIsRead) {
  for (std::string_view text : {"", "active", "ACTIVE ", "SUSPENDED", "ERROR(REBUILDING", "UNKNOWN"}) {
    EXPECT_EQ(parseLbStatus(text), std::nullopt);
    EXPECT_EQ(parseNodeStatus(text), std::nullopt);
    EXPECT_EQ(parseDeviceStatus(text), std::nullopt);
  }
}

}  // namespace
}  // namespace libra::model
