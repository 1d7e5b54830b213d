// Every change a tenant can ask for, under traffic, again and again in random order:
// no request is lost, the proxy's process stays (but in the row that is about another one),
// and it runs what was wanted.
//   LIBRA_NOLOSS_N=100 LIBRA_NOLOSS_ROW='add a node' LIBRA_NOLOSS_SEED=7 noloss
// LIBRA_NOLOSS_SLOW=1 puts one of the proxy's threads aside again and again while it plays.

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <random>

#include "lib/protocol/needs.h"
#include "lib/tls/bundle.h"
#include "sidecar/mechanism_word.h"
#include "tests/noloss/setting.h"
#include "tests/noloss/slow_thread.h"
#include "tests/noloss/stage.h"
#include "tests/noloss/tally.h"

namespace libra::test {
namespace {

constexpr std::uint64_t kEnoughInFlight = 50;  // below it a row has proved nothing

std::uint64_t begun(const Stage::Crowds& crowds) {
  std::uint64_t sum = 0;
  for (const auto& crowd : crowds) sum += crowd->begun();
  return sum;
}
std::uint64_t ended(const Stage::Crowds& crowds) {
  std::uint64_t sum = 0;
  for (const auto& crowd : crowds) sum += crowd->ended();
  return sum;
}
bool allAnswered(const Stage::Crowds& crowds, bool plain_too = true) {
  return std::all_of(crowds.begin(), crowds.end(),
                     [&](const auto& crowd) { return (!plain_too && !crowd->place().tls) || crowd->waitForEach(2); });
}

// The certificate a client of this place is to be shown.
std::string certificateFor(const traffic::Place& place, const protocol::LoadBalancerState& balancer) {
  for (const auto& mapping : balancer.tls->mappings)
    if (mapping.host == place.host) return tls::fingerprintOf(mapping.certificate);
  return tls::fingerprintOf(balancer.tls->certificate.certificate);
}

// One row, once.
class Performance {
 public:
  Performance(Stage& stage, const Row& row, Tally& tally)
      : stage_(stage), row_(row), tally_(tally), scene_(stage.scene()) {}

  void play() {
    row_.before(scene_);
    if (const auto applied = stage_.apply(scene_); !applied)
      return fail("before: " + applied.error().message + " " + applied.error().detail);
    changed_ = stage_.clientsOfTheChanged(scene_);
    neighbours_ = stage_.clientsOfTheNeighbours();
    expectTraffic(row_.serves_before, "before");
    change();
    expectTraffic(row_.serves_after, "after");
    count();
  }

 private:
  void fail(std::string what) { tally_.failures.push_back(std::move(what)); }

  void expectTraffic(bool of_changed, const char* when) {
    const bool of_neighbours = !scene_.device.suspended;
    if ((of_changed && !allAnswered(changed_, row_.may_lose != MayLose::ThePlain)) ||
        (of_neighbours && !allAnswered(neighbours_)))
      fail(std::string("no traffic ") + when + " the change");
  }

  void change() {
    suspended_before_ = scene_.device.suspended;
    row_.change(scene_);
    const auto ended_before = ended(changed_) + ended(neighbours_);
    begin_ = std::chrono::steady_clock::now();
    const auto applied = stage_.apply(scene_);
    end_ = std::chrono::steady_clock::now();
    tally_.in_flight += begun(changed_) + begun(neighbours_) - ended_before;
    if (!applied) return fail("not applied: " + applied.error().detail);
    tally_.ms.push_back(std::chrono::duration<double, std::milli>(end_ - begin_).count());
    tally_.mechanisms.insert(sidecar::wordFor(applied->mechanism));
    if (applied->mechanism == sidecar::Mechanism::Reload) fail("a reload");
    if (auto difference = stage_.difference(scene_); !difference.empty()) fail(std::move(difference));
  }

  void count() {
    for (auto* crowds : {&changed_, &neighbours_})
      for (const auto& crowd : *crowds) {
        crowd->stop();
        const bool kept = crowds == &changed_ && crowd == crowds->front();
        const bool meant = crowds == &changed_ && row_.may_lose == MayLose::ThePlain && !crowd->place().tls;
        for (const auto& request : crowd->requests()) {
          if (!request.failure.empty() && meant) ++tally_.permitted;
          if (!request.failure.empty() && !meant) judge(request, crowds == &changed_, kept);
        }
        if (crowds == &changed_ && crowd->place().tls && row_.serves_after) expectNewCertificates(*crowd);
      }
  }

  void expectNewCertificates(const traffic::Crowd& crowd) {
    const auto expected = certificateFor(crowd.place(), scene_.changed());
    for (const auto& request : crowd.requests())
      if (request.begin > end_ && !request.shown.empty() && request.shown != expected)
        fail("a certificate of before was shown to " + crowd.place().host);
  }

  void judge(const traffic::Request& request, bool of_changed, bool kept) {
    const bool in_vain = request.begin < end_ && (suspended_before_ || (of_changed && !row_.serves_before));
    const bool meant = row_.may_lose == MayLose::Everybody || (of_changed && row_.may_lose == MayLose::TheChanged) ||
                       (of_changed && row_.may_lose == MayLose::OpenConnections && (kept || request.begin < end_));
    if (in_vain || (meant && request.end > begin_)) {
      ++tally_.permitted;
      return;
    }
    const auto after = std::chrono::duration<double, std::milli>(request.end - begin_).count();
    fail((of_changed ? "the changed: " : "a neighbour: ") + request.failure + ", " + std::to_string(after) +
         " ms after the change began");
  }

  Stage& stage_;
  const Row& row_;
  Tally& tally_;
  Scene scene_;
  Stage::Crowds changed_, neighbours_;
  bool suspended_before_ = false;
  std::chrono::steady_clock::time_point begin_{}, end_{};
};

// Whether the driver's capabilities are enough for the row, before the change and after it.
bool carries(const sidecar::Capabilities& able, const Row& row, Scene scene) {
  const auto met = [&](const auto& balancer) { return protocol::unmetNeed(balancer, able.words).empty(); };
  row.before(scene);
  if (!std::ranges::all_of(scene.device.load_balancers, met)) return false;
  row.change(scene);
  return std::ranges::all_of(scene.device.load_balancers, met);
}

bool knowsACatalogue(const sidecar::Capabilities& able) {
  return std::ranges::any_of(able.words, [](const auto& word) { return word.starts_with("catalogue:"); });
}

std::vector<const Row*> chosen(Stage& stage, const std::string& only) {
  const auto able = stage.world().driver().capabilities();
  std::vector<const Row*> rows_chosen;
  for (const auto& row : rows()) {
    if (!only.empty() && row.name != only) continue;
    if (carries(able, row, stage.scene()))
      rows_chosen.push_back(&row);
    else
      std::printf("not played, %s does not offer it: %s\n", able.driver.c_str(), row.name.c_str());
  }
  return rows_chosen;
}

std::vector<const Row*> inRandomOrder(const std::vector<const Row*>& rows, int times, std::uint64_t seed) {
  std::vector<const Row*> runs;
  for (const auto* row : rows) runs.insert(runs.end(), static_cast<std::size_t>(times), row);
  std::shuffle(runs.begin(), runs.end(), std::mt19937_64(seed));
  return runs;
}

// A line each half minute, for whoever waits for many runs.
class Progress {
 public:
  explicit Progress(std::size_t runs) : runs_(runs) {}

  void another() {
    ++done_;
    const auto now = std::chrono::steady_clock::now();
    if (now - told_ < std::chrono::seconds(30)) return;
    told_ = now;
    std::fprintf(stderr, "%zu of %zu runs\n", done_, runs_);
  }

 private:
  std::size_t runs_, done_ = 0;
  std::chrono::steady_clock::time_point told_ = std::chrono::steady_clock::now();
};

class NoLoss : public testing::TestWithParam<DriverWorldKind> {};

TEST_P(NoLoss, NoChangeLosesARequest) {
  const auto seed = std::stoull(setting("LIBRA_NOLOSS_SEED", std::to_string(std::random_device{}())));
  std::printf("seed %llu\n", seed);
  Stage stage(GetParam().make(), seed);
  auto process = stage.world().driver().usage()->proxy_start;

  std::optional<SlowThread> slow;
  if (!setting("LIBRA_NOLOSS_SLOW", "").empty()) slow.emplace();

  std::map<std::string, Tally> tallies;
  const bool exchanges = knowsACatalogue(stage.world().driver().capabilities());
  const auto only = setting("LIBRA_NOLOSS_ROW", "");
  EXPECT_TRUE(only.empty() || std::ranges::any_of(rows(), [&](const auto& row) { return row.name == only; }))
      << "no such row";
  const auto runs = inRandomOrder(chosen(stage, only), std::stoi(setting("LIBRA_NOLOSS_N", "3")), seed);
  Progress progress(runs.size());
  for (const auto* row : runs) {
    if (slow) slow->slow();
    Performance(stage, *row, tallies[row->name]).play();
    (void)stage.world().driver().tick();
    const auto usage = stage.world().driver().usage();
    ASSERT_TRUE(usage) << row->name << ": " << usage.error().detail;
    EXPECT_EQ(usage->proxy_start != process, row->exchanges && exchanges)
        << row->name << ": process " << usage->proxy_start;
    process = usage->proxy_start;
    progress.another();
  }
  print(tallies);
  for (const auto& [name, tally] : tallies) {
    for (std::size_t i = 0; i < std::min<std::size_t>(tally.failures.size(), 5); ++i)
      ADD_FAILURE() << name << ": " << tally.failures[i];
    EXPECT_GE(tally.in_flight, kEnoughInFlight) << name << ": too few requests met the change";
  }
}

INSTANTIATE_TEST_SUITE_P(Drivers, NoLoss, testing::ValuesIn(driverWorlds()), testing::PrintToStringParamName());

}  // namespace
}  // namespace libra::test
