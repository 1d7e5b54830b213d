#include "tests/support/traffic.h"

#include <stdexcept>

#include "tests/support/child_process.h"

namespace libra::test {

Traffic::Traffic(const Lab& lab, const std::string& vip)
    : thread_([this, &lab, vip] {
        lab.inside("client", [&] {
          const traffic::HttpProbe probe(*NetAddress::parse(vip), 80);
          while (!stopping_) count(probe.get());
        });
      }) {}

void Traffic::count(const traffic::Answer& answer) {
  if (answer.status != 200)
    failures_.push_back("after " + std::to_string(answers_) +
                        " answers: " + (answer.status > 0 ? std::to_string(answer.status) : answer.error));
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
