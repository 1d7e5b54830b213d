#include "sidecar/job_loop.h"

#include <utility>

#include "sidecar/reachable.h"

namespace libra::sidecar {

namespace {

constexpr std::chrono::seconds kPatience{2};  // the submitter waits five

}  // namespace

JobLoop::JobLoop(const Settings& settings, gear::Worker::Handler answer)
    : network_target_(settings.network_target),
      worker_(settings.gearman, settings.device, settings.device, std::move(answer)) {}

protocol::Diagnosis JobLoop::diagnose() const {
  protocol::Diagnosis diagnosis;
  for (const auto& server : worker_.servers()) {
    diagnosis.job_servers.emplace_back(server.host, server.connected);
    diagnosis.network = diagnosis.network || server.connected;
  }
  if (!network_target_.empty()) diagnosis.network = reachable(network_target_, kPatience);
  return diagnosis;
}

}  // namespace libra::sidecar
