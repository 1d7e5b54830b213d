#include "sidecar/checks/verdict.h"

namespace libra::sidecar::checks {

bool Verdict::add(const Finding& finding, int attempts) {
  if (finding.what == Finding::What::Unknown) return false;
  reason_ = finding.reason;
  const bool passed = finding.what == Finding::What::Passed;
  against_ = passed == up_ ? 0 : against_ + 1;
  if (against_ < attempts) return false;
  up_ = passed;
  against_ = 0;
  return true;
}

}  // namespace libra::sidecar::checks
