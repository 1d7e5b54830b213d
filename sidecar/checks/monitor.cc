#include "sidecar/checks/monitor.h"

namespace libra::sidecar::checks {

namespace {

Status compile(const std::string& expression, std::optional<Pattern>& into) {
  if (expression.empty()) return ok();
  auto pattern = Pattern::compile(expression);
  if (!pattern) return pattern.error();
  into = *std::move(pattern);
  return ok();
}

}  // namespace

Result<std::shared_ptr<const Monitor>> Monitor::make(const protocol::MonitorState& wanted) {
  auto monitor = std::make_shared<Monitor>(Monitor{wanted, std::nullopt, std::nullopt});
  if (auto status = compile(wanted.status_regex, monitor->status); !status) return status.error();
  if (auto status = compile(wanted.body_regex, monitor->body); !status) return status.error();
  return std::shared_ptr<const Monitor>(std::move(monitor));
}

}  // namespace libra::sidecar::checks
