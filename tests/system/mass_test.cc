// Three of ten devices that die at once: the breaker lets one after the other move, none is forgotten.

#include <sstream>

#include "lib/json/value.h"
#include "tests/system/libra_test.h"

namespace libra::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kServing = 10, kDead = 3;
constexpr milliseconds kPause{2000};

class MassTest : public LibraTest {
 protected:
  static void SetUpTestSuite() {
    lab().down();
    lab().set("LIBRA_BREAKER",
              "free_moves = 1\nfree_percent = 0\nwindow = 60\npause = " + std::to_string(kPause.count()));
    lab().up();
  }
  static void TearDownTestSuite() {
    lab().down();
    lab().set("LIBRA_BREAKER", "");
  }

  struct Served {
    std::string lb, vip, device;
  };
  Served serve() {
    waitFor([] { return spares() > 0; }, seconds(30));
    const auto lb = serving("one of many");
    return {lb, lab().vipOf(lb), lab().deviceOf(lb)};
  }
  static int spares() { return std::stoi(lab().sql("SELECT COUNT(*) FROM devices WHERE status = 'OFFLINE'")); }
  static int heldBack() {  // by the breaker
    const auto state =
        json::parse(lab().api("GET", "/status/breaker", "", "LIBRA_ADMIN_TOKEN", "LIBRA_ADMIN_URL").body);
    return state ? static_cast<int>((*state)["waiting"].integer()) : 0;
  }
  // In the order they were given up, and the time since the one before, in ms.
  static std::vector<std::pair<std::string, long>> lost() {
    std::istringstream cells(lab().sql(
        "SELECT SUBSTRING_INDEX(built.text, ' ', 1), COALESCE(TIMESTAMPDIFF(MICROSECOND, LAG(lost.at) OVER (ORDER BY "
        "lost.id), lost.at) DIV 1000, 0) FROM events lost JOIN events built USING (object) WHERE lost.kind = "
        "'device.lost' AND built.kind = 'device.built' ORDER BY lost.id"));
    std::vector<std::pair<std::string, long>> moves;
    std::string device;
    for (long since = 0; cells >> device >> since;) moves.emplace_back(device, since);
    return moves;
  }
};

TEST_F(MassTest, WhatDiesAtOnceMovesInOrderAndAtTheBreakersRate) {
  std::vector<Served> all;
  for (int i = 0; i < kServing; ++i) all.push_back(serve());
  ASSERT_TRUE(waitFor([] { return spares() == kDead; }, seconds(60))) << spares();

  const std::vector<Served> dead(all.begin(), all.begin() + kDead);
  for (int i = 0; i < kDead; ++i) {
    lab().setLink(dead[i].device, false);
    ASSERT_TRUE(waitFor([&] { return static_cast<int>(lost().size()) + heldBack() > i; })) << dead[i].device;
  }
  const auto movedAll = [&] {
    return std::none_of(dead.begin(), dead.end(), [](const auto& was) { return lab().deviceOf(was.lb) == was.device; });
  };
  EXPECT_TRUE(waitFor(movedAll, seconds(60)));

  const auto moves = lost();
  ASSERT_EQ(moves.size(), dead.size());
  for (int i = 0; i < kDead; ++i) {
    EXPECT_EQ(moves[i].first, dead[i].device);
    EXPECT_GE(moves[i].second, i > 0 ? kPause.count() * 9 / 10 : 0);
  }
  for (const auto& each : all) {
    EXPECT_TRUE(lab().becomes(each.lb, "ACTIVE"));
    EXPECT_EQ(lab().vipOf(each.lb), each.vip);
    EXPECT_TRUE(lab().isServedBy(each.vip, "node1 node2")) << each.vip;
  }
  for (auto other = all.begin() + kDead; other != all.end(); ++other)
    EXPECT_EQ(lab().deviceOf(other->lb), other->device);
}

}  // namespace
}  // namespace libra::test
