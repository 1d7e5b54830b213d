#include "bench/pairs.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <thread>

#include "bench/running_libra.h"

namespace libra::bench {

namespace {

double microsPerRequest(const Contender& contender, const Load& load, Samples& ms) {
  traffic::Crowd crowd(load.habit, load.clients, {contender.port});
  if (!crowd.waitForEach(10)) die("no traffic through " + contender.name);
  const double cpu = contender.cpu_micros();
  const auto begun = crowd.ended();
  std::this_thread::sleep_for(load.length);
  const double micros = (contender.cpu_micros() - cpu) / static_cast<double>(crowd.ended() - begun);
  crowd.stop();
  for (const auto& request : crowd.requests()) {
    if (!request.failure.empty()) die("a request through " + contender.name + " failed: " + request.failure);
    ms.add(std::chrono::duration<double, std::milli>(request.end - request.begin).count());
  }
  return micros;
}

// The ranks between which the median of n independent values lies with at least 95 %
// (binomial, one half): no assumption about how they are spread.
std::pair<std::size_t, std::size_t> medianRanks(std::size_t n) {
  double outside = 0, chance = std::pow(0.5, static_cast<double>(n));
  std::size_t low = 0;
  for (std::size_t k = 0; outside + chance <= 0.025; ++k) {
    outside += chance;
    low = k + 1;
    chance *= static_cast<double>(n - k) / static_cast<double>(k + 1);
  }
  return {low == 0 ? 0 : low - 1, n - std::max<std::size_t>(low, 1)};
}

}  // namespace

void Pairs::measure(const Contender& first, const Contender& second, int pairs) {
  const Contender* contenders[] = {&first, &second};
  for (const auto end = ratios_.size() + static_cast<std::size_t>(pairs); ratios_.size() < end;) {
    double micros[2];
    const auto begins = ratios_.size() % 2;
    for (const auto turn : {begins, 1 - begins}) {
      micros[turn] = microsPerRequest(*contenders[turn], load_, ms_[turn]);
      micros_[turn].add(micros[turn]);
    }
    ratios_.push_back(micros[0] / micros[1]);
  }
}

Comparison Pairs::comparison() const {
  auto ratios = ratios_;
  std::sort(ratios.begin(), ratios.end());
  const auto [low, high] = medianRanks(ratios.size());
  return {ratios[ratios.size() / 2], ratios[low], ratios[high], {micros_[0], micros_[1]}, {ms_[0], ms_[1]}};
}

void print(const Comparison& comparison, const std::string& first, const std::string& second) {
  const auto& [median, low, high, micros, ms] = comparison;
  std::printf("  the proxy's CPU per request: %s %.1f us, %s %.1f us (medians of %zu pairs)\n", first.c_str(),
              micros[0].quantile(0.5), second.c_str(), micros[1].quantile(0.5), micros[0].size());
  std::printf("  median of the pairs' ratios %+.1f %%, its 95 %% interval %+.1f … %+.1f %%\n", 100 * (median - 1),
              100 * (low - 1), 100 * (high - 1));
  std::printf("  latency p99: %s %.2f ms, %s %.2f ms\n", first.c_str(), ms[0].quantile(0.99), second.c_str(),
              ms[1].quantile(0.99));
  std::fflush(stdout);
}

}  // namespace libra::bench
