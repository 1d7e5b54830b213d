// What the nginx modules are sent, and what a sidecar hears from them.

#include <memory>

#include "lib/base/handles.h"
#include "sidecar/nginx/control_socket.h"
#include "sidecar/nginx/document.h"
#include "tests/fuzz/targets.h"
#include "tests/support/libra_zone.h"

namespace libra::fuzz {

namespace {

using namespace sidecar::nginx;

void reply(std::string_view bytes) {
  const auto read = readReply(bytes);
  if (!read) return;
  require(differences(*read, *read).empty());
  (void)describe(*read);
}

std::string stateOf(test::LibraZone& zone) {
  const std::unique_ptr<char, FreeWith<::free>> text(libra_revision_text(zone.current(), 1));
  require(text != nullptr);
  return text.get();
}

// What is taken, is said again in a form that means the same; what is not, has a reason.
void state(std::string_view bytes) {
  test::LibraZone zone, other;
  const auto refusal = zone.apply(std::string(bytes));
  if (!refusal.empty()) return require(refusal.size() > std::string_view("400 ").size() && zone.current() == nullptr);
  const auto text = stateOf(zone);
  require(other.apply(text).empty() && stateOf(other) == text);
}

void health(std::string_view bytes) {
  static test::LibraZone zone;
  static const bool filled =
      zone.applyWeb(R"("peers":[{"id":"a","address":"10.0.0.1:80"},{"id":"b","address":"10.0.0.2:80"}])").empty();
  require(filled);
  libra_error_t error{};
  const int read = libra_health_read(zone.get(), bytes.data(), bytes.size(), &error);
  require((read == 0) == (error.status == 0));
}

}  // namespace

std::map<std::string_view, Target> nginxTargets() {
  return {{"nginx-reply", reply}, {"nginx-state", state}, {"nginx-health", health}};
}

}  // namespace libra::fuzz
