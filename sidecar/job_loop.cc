#include "sidecar/job_loop.h"

#include "lib/seal/answerer.h"
#include "lib/tls/roles.h"
#include "sidecar/reachable.h"

namespace libra::sidecar {

namespace {

constexpr std::chrono::seconds kPatience{2};  // the submitter waits five

}  // namespace

Status JobLoop::start() {
  const auto& where = settings_.gearman;
  auto handler = seal::answering({where.ca, where.certificate, where.key}, clock_,
                                 {tls::deviceUri(settings_.device), tls::kControllerUri, !settings_.sealed}, answer_);
  if (!handler) return handler.error();
  return worker_.emplace(where, settings_.device, settings_.device, *std::move(handler)).start();
}

protocol::Diagnosis JobLoop::diagnose() const {
  protocol::Diagnosis diagnosis;
  for (const auto& server : worker_->servers()) {
    diagnosis.job_servers.emplace_back(server.host, server.connected);
    diagnosis.network = diagnosis.network || server.connected;
  }
  if (!settings_.network_target.empty()) diagnosis.network = reachable(settings_.network_target, kPatience);
  return diagnosis;
}

}  // namespace libra::sidecar
