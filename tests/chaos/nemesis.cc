#include "tests/chaos/nemesis.h"

#include <algorithm>
#include <iostream>

namespace libra::test {

namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds kShortest{500}, kLongest{5000};  // a fault lasts
constexpr milliseconds kRest{1500};                     // between two, at most

}  // namespace

Nemesis::Nemesis(WholeLibra& libra, std::uint32_t seed, const std::string& lasting_vip)
    : random_(seed), faults_(libra, random_, lasting_vip), thread_([this] { run(); }) {}

void Nemesis::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

void Nemesis::run() {
  auto deck = Faults::kinds();
  for (bool first = true; first || !stopping_; first = false) {
    std::shuffle(deck.begin(), deck.end(), random_);
    for (const auto kind : deck) {
      if (stopping_ && !first) return;
      deal((faults_.*kind)());
      std::this_thread::sleep_for(milliseconds(random(kRest.count())));
    }
  }
}

void Nemesis::deal(const Fault& fault) {
  const milliseconds lasts(kShortest.count() + random((kLongest - kShortest).count()));
  std::cout << "  nemesis: " << fault.name << ", " << lasts.count() << " ms" << std::endl;
  Blow blow{Clock::now(), {}, fault.name, fault.device, fault.stops_database};
  fault.strike();
  std::this_thread::sleep_for(lasts);
  fault.mend();
  blow.mended = Clock::now();
  blows_.push_back(std::move(blow));
}

}  // namespace libra::test
