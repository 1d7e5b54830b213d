#include "bench/played_devices.h"

#include "lib/json/value.h"

namespace libra::bench {

void PlayedDevices::update(const std::string& device, const protocol::DeviceState& state, Done done) {
  protocol::Answer answer;
  const auto message = json::parse(json::dump(protocol::writeUpdate(state)));
  const auto read = message ? protocol::readUpdate(*message) : protocol::ReadUpdate(protocol::Refused{});
  if (const auto* wanted = std::get_if<protocol::DeviceState>(&read)) {
    std::lock_guard lock(mutex_);
    auto& known = generations_[device];
    answer.pass = *wanted == state && wanted->generation > known;
    if (answer.pass) known = wanted->generation;
    answer.generation = known;
  }
  ++(answer.pass ? applied_ : refused_);
  done(answer);
}

void PlayedDevices::stats(const std::string&, Done done) {
  protocol::Answer answer;
  answer.pass = true;
  done(answer);
}

void PlayedDevices::discover(const std::string& device, std::chrono::milliseconds, Done done) {
  stats(device, std::move(done));
}

}  // namespace libra::bench
