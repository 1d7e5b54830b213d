#include "sidecar/haproxy/blue_green.h"

#include <fmt/format.h>

#include <utility>

#include "lib/log/log.h"
#include "sidecar/haproxy/local_ports.h"

namespace libra::sidecar::haproxy {

namespace {

constexpr log::Logger kLog{"haproxy"};
constexpr std::chrono::seconds kPatience{5};
constexpr std::chrono::seconds kTryAgain{60};
constexpr std::chrono::milliseconds kLookAgain{2};

// HAProxy pauses the process that serves while it tries to bind what cannot be bound.
Status canBind(const std::set<std::uint16_t>& ports, const std::set<std::uint16_t>& bound) {
  const auto taken = takenPorts();
  if (!taken) return taken.error();
  for (const auto port : ports)
    if (taken->count(port) && !bound.count(port))
      return Error{ErrorCode::Unavailable, fmt::format("Port {} is in use on the device", port)};
  return ok();
}

}  // namespace

Status BlueGreen::exchange(RuntimeSocket& socket, const ProcessInfo& running, const DriverConfig& config,
                           const Base& base, const ProxyState& state) {
  const auto bound = running.base.value_or(Base{}).ports;
  if (!possible()) return Error{ErrorCode::Unavailable, "The proxy cannot be replaced", "it has no master process"};
  if (failure_ && failure_->base == base && clock_.monotonic() < failure_->again) return failure_->error;
  auto status = canBind(base.ports, bound);
  if (status) status = replace(socket, running, config, state);
  failure_.reset();
  if (!status) failure_ = Failure{base, clock_.monotonic() + kTryAgain, status.error()};
  return status;
}

Status BlueGreen::replace(RuntimeSocket& socket, const ProcessInfo& running, const DriverConfig& config,
                          const ProxyState& state) {
  const auto began = clock_.monotonic();
  if (auto written = cold_starts_.write(cold_starts_.turn(), config, state, Extent::EverySlot); !written)
    return written;
  const auto process = master_.replaceWorker(running.pid);
  if (!process) {
    if (const auto back = cold_starts_.takeBack(config); !back)
      kLog.error("the cold start is one that does not start: {}", back.error().detail);
    return process.error();
  }
  auto successor = reach(*process);
  if (!successor) return successor.error();
  keepUntilRead(std::exchange(socket, *std::move(successor)));
  kLog.info("process {} took over from {} in {} ms", *process, running.pid,
            std::chrono::duration_cast<std::chrono::milliseconds>(clock_.monotonic() - began).count());
  return ok();
}

// Both listen on the one stats socket until the former process has heard that it is to end.
Result<RuntimeSocket> BlueGreen::reach(pid_t process) const {
  for (const auto deadline = clock_.monotonic() + kPatience; clock_.monotonic() < deadline;) {
    if (auto socket = RuntimeSocket::open(stats_socket_, clock_)) {
      const auto answers = readProcess(*socket);
      if (answers && answers->pid == process) return socket;
    }
    clock_.pause(kLookAgain);
  }
  return Error{ErrorCode::Unavailable, "The proxy does not answer", fmt::format("process {} in time", process)};
}

// From when it stops listening everything that comes, on any socket, goes to its successor.
void BlueGreen::keepUntilRead(RuntimeSocket former) {
  for (const auto deadline = clock_.monotonic() + kPatience; clock_.monotonic() < deadline;) {
    const auto process = readProcess(former);
    if (!process) return;  // it had nothing to finish
    if (process->stopping) return predecessors_.push_back(std::move(former));
    clock_.pause(kLookAgain);
  }
  kLog.warn("the former process goes on listening");
}

}  // namespace libra::sidecar::haproxy
