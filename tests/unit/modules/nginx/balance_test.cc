#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <numeric>

#include "tests/support/libra_zone.h"

namespace libra::test {
namespace {

// Chooses peers of the LB "web", as requests would.
class Balance : public ::testing::Test {
 protected:
  // `peers`: name → members of a peer but id and address
  void web(const std::vector<std::pair<std::string, std::string>>& peers, const std::string& members = "") {
    std::string list;
    for (std::size_t i = 0; i < peers.size(); ++i)
      list += std::string(i ? "," : "") + R"({"id":")" + peers[i].first + R"(","address":"10.0.0.)" +
              std::to_string(i + 1) + R"(:80")" + (peers[i].second.empty() ? "" : "," + peers[i].second) + "}";
    ASSERT_EQ(zone_.applyWeb(members + (members.empty() ? "" : ",") + R"("peers":[)" + list + "]"), "");
  }

  // "" if there is none. The request lasts until done().
  std::string choose(std::uint64_t client = 0, std::uint64_t sticky = 0) {
    start(client, sticky);
    return again();
  }
  void start(std::uint64_t client = 0, std::uint64_t sticky = 0) {
    tried_.assign(zone_.lb("web")->peers.n + 1, 0);
    choice_ = {zone_.current(), zone_.lb("web"), client, sticky, now_, tried_.data()};
  }
  std::string again() {
    peer_ = libra_choose(zone_.get(), &choice_);
    return peer_ ? peer_->id : "";
  }
  void done(bool failed = false) { libra_done(zone_.get(), &choice_, peer_, failed); }

  std::map<std::string, int> shares(int requests, std::uint64_t client_step = 0) {
    std::map<std::string, int> counts;
    for (int i = 0; i < requests; ++i) {
      ++counts[choose(client_step * static_cast<std::uint64_t>(i + 1))];
      if (peer_) done();
    }
    return counts;
  }
  void setDown(const std::string& id, bool down) { libra_slot(zone_.get(), zone_.peer("web", id)->slot)->down = down; }

  LibraZone zone_;
  std::uint64_t now_ = 1'000'000;
  libra_choice_t choice_{};
  const libra_peer_t* peer_ = nullptr;
  std::vector<std::uint8_t> tried_;
};

using Shares = std::map<std::string, int>;

TEST_F(Balance, RoundRobinTakesPeersInTurn) {
  web({{"a", ""}, {"b", ""}, {"c", ""}});
  std::string order;
  for (int i = 0; i < 6; ++i) {
    order += choose();
    done();
  }
  EXPECT_EQ(order, "abcabc");
}

TEST_F(Balance, WeightsAreSharesSpreadOut) {
  web({{"a", R"("weight":5)"}, {"b", R"("weight":1)"}, {"c", R"("weight":1)"}});
  std::string order;
  for (int i = 0; i < 7; ++i) {
    order += choose();
    done();
  }
  EXPECT_EQ(order, "aabacaa");  // as nginx itself
  EXPECT_EQ(shares(700), (Shares{{"a", 500}, {"b", 100}, {"c", 100}}));
}

TEST_F(Balance, AMissingPeersShareFallsToAllOthers) {
  web({{"a", ""}, {"b", ""}, {"c", ""}});
  setDown("b", true);
  const auto got = shares(300);
  EXPECT_EQ(got, (Shares{{"a", 150}, {"c", 150}}));
}

TEST_F(Balance, LeastConnectionsWeighsWhatIsOpen) {
  web({{"a", R"("weight":3)"}, {"b", ""}}, R"("algorithm":"LEAST_CONNECTIONS")");
  Shares open;
  for (int i = 0; i < 8; ++i) ++open[choose()];  // none of them ends
  EXPECT_EQ(open, (Shares{{"a", 6}, {"b", 2}}));
  EXPECT_EQ(libra_active(zone_.get(), zone_.peer("web", "a")->slot), 6);
}

TEST_F(Balance, RandomReachesEveryPeerByWeight) {
  web({{"a", R"("weight":4)"}, {"b", ""}}, R"("algorithm":"RANDOM")");
  const auto got = shares(2000);
  EXPECT_GT(got.at("a"), got.at("b"));
  EXPECT_GT(got.at("b"), 20);
}

TEST_F(Balance, BackupsServeOnlyWithoutPrimaries) {
  web({{"a", ""}, {"spare", R"("backup":true)"}});
  EXPECT_EQ(shares(10), (Shares{{"a", 10}}));
  setDown("a", true);
  EXPECT_EQ(shares(10), (Shares{{"spare", 10}}));
  setDown("a", false);
  EXPECT_EQ(shares(10), (Shares{{"a", 10}}));
}

TEST_F(Balance, ADrainingPeerKeepsOnlyItsStickyClients) {
  web({{"a", R"("drain":true)"}, {"b", ""}}, R"("persistence":"COOKIE")");
  EXPECT_EQ(shares(10), (Shares{{"b", 10}}));
  EXPECT_EQ(choose(0, zone_.peer("web", "a")->key), "a");
  setDown("a", true);
  EXPECT_EQ(choose(0, zone_.peer("web", "a")->key), "b");
}

TEST_F(Balance, WithoutPeersNoneIsChosen) {
  web({});
  EXPECT_EQ(choose(), "");
  web({{"a", R"("drain":true)"}});
  EXPECT_EQ(choose(), "");
}

TEST_F(Balance, ARequestTriesEachPeerOnce) {
  for (const auto* algorithm : {"ROUND_ROBIN", "LEAST_CONNECTIONS", "RANDOM"}) {
    web({{"a", ""}, {"b", ""}, {"spare", R"("backup":true)"}},
        std::string(R"("maxFails":0,"algorithm":")") + algorithm + '"');
    std::set<std::string> tried;
    start();
    for (int i = 0; i < 3; ++i) {
      tried.insert(again());
      done(true);
    }
    EXPECT_EQ(tried, (std::set<std::string>{"a", "b", "spare"})) << algorithm;
    EXPECT_EQ(again(), "") << algorithm;
  }
}

TEST_F(Balance, APeerThatFailedIsAvoidedForAWhile) {
  web({{"a", ""}, {"b", ""}}, R"("maxFails":2,"failTimeout":10)");
  for (int failures = 0; failures < 2;) {
    if (choose() == "a") ++failures;
    done(std::string(peer_->id) == "a");
  }
  EXPECT_EQ(shares(10), (Shares{{"b", 10}}));
  now_ += 10'001;
  EXPECT_EQ(shares(10), (Shares{{"a", 5}, {"b", 5}}));
}

TEST_F(Balance, SuspectsServeWhenThereIsNobodyElse) {
  web({{"a", ""}});
  choose();
  done(true);
  EXPECT_EQ(choose(), "a");
}

TEST_F(Balance, SourcePersistenceMovesOnlyTheClientsOfAPeerThatGoes) {
  constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15;
  web({{"a", ""}, {"b", R"("weight":2)"}, {"c", ""}}, R"("persistence":"SOURCE")");
  std::vector<std::string> before;
  for (std::uint64_t i = 1; i <= 400; ++i) {
    before.push_back(choose(i * kStep));
    done();
  }
  EXPECT_NEAR(static_cast<double>(std::count(before.begin(), before.end(), "b")), 200, 50);

  setDown("c", true);
  for (std::uint64_t i = 1; i <= 400; ++i) {
    const auto now = choose(i * kStep);
    done();
    if (before[i - 1] != "c") {
      EXPECT_EQ(now, before[i - 1]);
    }
  }
}

struct Weights {
  const char* name;
  std::vector<std::uint32_t> weights;
  std::uint32_t steps;
};

class Spread : public ::testing::TestWithParam<Weights> {};

TEST_P(Spread, CountsEqualTheWeights) {
  const auto& weights = GetParam().weights;
  const auto n = static_cast<std::uint32_t>(weights.size());
  ASSERT_EQ(libra_spread(weights.data(), n, nullptr), GetParam().steps);
  std::vector<std::uint16_t> steps(GetParam().steps);
  libra_spread(weights.data(), n, steps.data());
  const auto total = std::accumulate(weights.begin(), weights.end(), 0.0);
  for (std::uint32_t i = 0; i < n; ++i)
    EXPECT_NEAR(static_cast<double>(std::count(steps.begin(), steps.end(), i)), weights[i] / total * GetParam().steps,
                1);
}

INSTANTIATE_TEST_SUITE_P(Weights, Spread,
                         ::testing::Values(Weights{"One", {7}, 1}, Weights{"Equal", {256, 256, 256}, 3},
                                           Weights{"Divisible", {10, 20}, 3}, Weights{"Odd", {3, 5, 7}, 15},
                                           Weights{"Many", std::vector<std::uint32_t>(4096, 1), 4096},
                                           Weights{"MoreThanFit", {256, 255, 254, 253, 252, 251, 250, 249, 248}, 2043}),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace libra::test
