#include "controller/store/mysql/server_list.h"

#include <gmock/gmock.h>

namespace libra::store::mysql {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Servers : public ::testing::Test {
 protected:
  ServerList servers_{{{"one", 3306, ""}, {"two", 3306, ""}, {"three", 3306, ""}}, 20s};
  Instant now_ = Instant{} + 1h;
};

TEST_F(Servers, AreTriedInTheirOrder) { EXPECT_THAT(servers_.order(now_), ElementsAre(0, 1, 2)); }

TEST_F(Servers, OneThatFailedComesLastForAWhile) {
  EXPECT_TRUE(servers_.failed(0, now_));
  EXPECT_FALSE(servers_.failed(0, now_)) << "known already";
  EXPECT_THAT(servers_.order(now_ + 19s), ElementsAre(1, 2, 0));
  EXPECT_THAT(servers_.order(now_ + 20s), ElementsAre(0, 1, 2));
}

TEST_F(Servers, AllAreTriedWhenAllFailed) {
  for (std::size_t i : {0, 1, 2}) servers_.failed(i, now_);
  EXPECT_THAT(servers_.order(now_), ElementsAre(0, 1, 2));
}

TEST_F(Servers, OneThatFailedIsProvedByOneCallerFirst) {
  servers_.failed(0, now_);
  EXPECT_THAT(servers_.better(1, now_ + 19s), IsEmpty());
  EXPECT_THAT(servers_.better(1, now_ + 20s), ElementsAre(0));
  EXPECT_THAT(servers_.better(1, now_ + 20s), IsEmpty()) << "the first caller is at it";
  servers_.worked(0);
  EXPECT_THAT(servers_.better(1, now_ + 20s), ElementsAre(0)) << "now all may come";
}

TEST_F(Servers, OnlyEarlierOnesAreBetter) {
  EXPECT_THAT(servers_.better(0, now_), IsEmpty());
  EXPECT_THAT(servers_.better(2, now_), ElementsAre(0, 1));
}

}  // namespace libra::store::mysql
