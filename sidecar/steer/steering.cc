#include "sidecar/steer/steering.h"

#include <bpf/bpf.h>
#include <netinet/in.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>

#include "modules/steer/steer.h"
#include "sidecar/steer/trial.h"

namespace libra::sidecar {

namespace {

constexpr std::uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

Error failed(const std::string& what, int error) {
  return {ErrorCode::Unavailable, "The device cannot steer connections", what + ": " + std::strerror(error)};
}

steer_vip keyOf(const Destination& destination) {
  steer_vip key{{}, destination.port};
  auto* bytes = reinterpret_cast<std::uint8_t*>(key.address);
  if (!destination.address) return key;
  const auto& address = destination.address->bytes();
  if (destination.address->isV6()) {
    std::copy(address.begin(), address.end(), bytes);
  } else {
    std::copy(std::begin(kMapped), std::end(kMapped), bytes);
    std::copy_n(address.begin(), 4, bytes + std::size(kMapped));
  }
  return key;
}

Destination destinationOf(const steer_vip& key) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(key.address);
  Destination destination{std::nullopt, static_cast<std::uint16_t>(key.port)};
  const bool mapped = std::equal(std::begin(kMapped), std::end(kMapped), bytes);
  if (std::any_of(bytes, bytes + sizeof key.address, [](auto byte) { return byte != 0; }))
    destination.address = NetAddress::fromBytes(mapped ? std::span(bytes + 12, 4) : std::span(bytes, 16));
  return destination;
}

Result<Fd> openPin(const std::string& pin) {
  Fd map(bpf_obj_get(pin.c_str()));
  if (!map) return failed(pin, errno);
  return map;
}

}  // namespace

SteeringPlan planSteering(const Destinations& live, const Destinations& wanted) {
  SteeringPlan plan;
  std::set_difference(wanted.begin(), wanted.end(), live.begin(), live.end(), std::back_inserter(plan.add));
  std::set_difference(live.begin(), live.end(), wanted.begin(), wanted.end(), std::back_inserter(plan.remove));
  return plan;
}

Result<Steering> Steering::open(const std::string& pins) {
  auto vips = openPin(pins + "/" STEER_PIN_VIPS);
  if (!vips) return vips.error();
  auto listeners = openPin(pins + "/" STEER_PIN_LISTENERS);
  if (!listeners) return listeners.error();
  Steering steering(*std::move(vips), *std::move(listeners));
  for (const char* loopback : {"127.0.0.1", "::1"})
    if (auto status = steering.prove(loopback); !status) return status.error();
  return steering;
}

// Connects to where nobody listens, being led to a listener of this very call. A machine
// without the family has nothing to prove.
Status Steering::prove(const char* loopback) const {
  const auto trial = Trial::begin(*NetAddress::parse(loopback));
  if (!trial) return trial.error();
  if (!trial->possible()) return ok();
  if (auto status = put(STEER_SELF_TEST + trial->target().address->isV6(), trial->listener()); !status) return status;
  if (auto status = put(trial->target(), STEER_SELF_TEST); !status) return status;
  const bool led = trial->arrives();
  if (auto status = remove(trial->target()); !status) return status;
  return led ? ok() : Status(failed(std::string("a connection to ") + loopback + " was not led", ECONNREFUSED));
}

Result<Destinations> Steering::destinations() const {
  Destinations found;
  steer_vip key{};
  for (bool first = true; bpf_map_get_next_key(vips_.get(), first ? nullptr : &key, &key) == 0; first = false)
    found.insert(destinationOf(key));
  if (errno != ENOENT) return failed("read the destinations", errno);
  return found;
}

Status Steering::change(const SteeringPlan& plan) const {
  for (const auto& destination : plan.add)
    if (auto status = put(destination, STEER_PROXY); !status) return status;
  for (const auto& destination : plan.remove)
    if (auto status = remove(destination); !status) return status;
  return ok();
}

bool Steering::leads() const {
  for (const std::uint32_t family : {0, 1}) {
    const std::uint32_t listener = STEER_PROXY + family;
    std::uint64_t cookie = 0;
    if (bpf_map_lookup_elem(listeners_.get(), &listener, &cookie) != 0) return false;
  }
  return true;
}

Status Steering::leadTo(int v4_listener, int v6_listener) const {
  if (auto status = put(STEER_PROXY, v4_listener); !status) return status;
  return put(STEER_PROXY + 1, v6_listener);
}

Status Steering::put(const Destination& destination, std::uint32_t listener) const {
  const auto key = keyOf(destination);
  if (bpf_map_update_elem(vips_.get(), &key, &listener, BPF_ANY) == 0) return ok();
  return failed("add a destination", errno);
}

Status Steering::remove(const Destination& destination) const {
  const auto key = keyOf(destination);
  if (bpf_map_delete_elem(vips_.get(), &key) == 0 || errno == ENOENT) return ok();
  return failed("remove a destination", errno);
}

Status Steering::put(std::uint32_t listener, int socket) const {
  const auto value = static_cast<std::uint64_t>(socket);
  if (bpf_map_update_elem(listeners_.get(), &listener, &value, BPF_ANY) == 0) return ok();
  return failed("lead connections to a socket", errno);
}

}  // namespace libra::sidecar
