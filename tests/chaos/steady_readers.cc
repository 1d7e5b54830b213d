#include "tests/chaos/steady_readers.h"

#include <chrono>
#include <stdexcept>

#include "tests/support/child_process.h"

namespace libra::test {

namespace {

constexpr int kPerController = 2;
constexpr std::chrono::seconds kAnswered{30};  // a node that dies stalls some for two seconds

}  // namespace

SteadyReaders::SteadyReaders(Lab& lab) : lab_(lab) {
  for (const char* url : {"LIBRA_URL", "LIBRA_URL_2"})
    for (int i = 0; i < kPerController; ++i) threads_.emplace_back([this, url] { read(url); });
}

void SteadyReaders::read(const std::string& url) {
  while (!stopping_) {
    const auto begin = std::chrono::steady_clock::now();
    try {
      const auto answer = lab_.api("GET", "/loadbalancers", "", "LIBRA_TOKEN", url);
      ++answers_;
      if (answer.status != 200)
        refusals_.lock()->push_back(
            {begin, std::chrono::steady_clock::now(), "a reader of " + url + ": " + answer.body});
    } catch (const std::runtime_error&) {  // that controller is only starting
    }
  }
}

bool SteadyReaders::areAnswered(int times) const {
  return waitFor([this, until = answers_ + times] { return answers_ >= until; }, kAnswered);
}

std::vector<Refusal> SteadyReaders::stop() {
  stopping_ = true;
  for (auto& thread : threads_) thread.join();
  threads_.clear();
  return *refusals_.lock();
}

}  // namespace libra::test
