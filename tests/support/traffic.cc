#include "tests/support/traffic.h"

#include <chrono>
#include <cstdio>
#include <stdexcept>

#include "tests/support/child_process.h"

namespace libra::test {

namespace {

std::string timeOfDay() {  // as the lab's own logs have it: UTC, to the millisecond
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now).count() % 86'400'000;
  char text[64];
  std::snprintf(text, sizeof text, "%02d:%02d:%02d.%03d", int(ms / 3'600'000), int(ms / 60'000 % 60),
                int(ms / 1000 % 60), int(ms % 1000));
  return text;
}

}  // namespace

Traffic::Traffic(const Lab& lab, const std::string& vip)
    : thread_([this, &lab, vip] {
        lab.inside("client", [&] {
          const traffic::HttpProbe probe(*NetAddress::parse(vip), 80);
          while (!stopping_) count(probe.get());
        });
      }) {}

void Traffic::count(const traffic::Answer& answer) {
  if (answer.status != 200)
    failures_.push_back("after " + std::to_string(answers_) + " answers, at " + timeOfDay() + ": " +
                        (answer.status > 0 ? std::to_string(answer.status) : answer.error));
  else
    ++answers_;
}

void Traffic::waitForMore(int answers) {
  const int wanted = answers_ + answers;
  if (!waitFor([&] { return answers_ >= wanted; })) throw std::runtime_error("no traffic");
}

std::vector<std::string> Traffic::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
  return failures_;
}

}  // namespace libra::test
