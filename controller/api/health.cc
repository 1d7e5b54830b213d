#include "controller/api/health.h"

#include "lib/json/value.h"

namespace libra::api {

namespace {

constexpr std::chrono::seconds kRemembered{5};

http::Response verdict(int status, const char* word, const json::Value& failing) {
  auto body = json::Value::object();
  body.set("status", word);
  if (failing.size() > 0) body.set("failing", failing);
  return {status, json::dump(body)};
}

}  // namespace

http::Response Readiness::answer() {
  {
    auto state = state_.lock();
    const bool fresh = state->verdict && clock_.monotonic() < state->until;
    if (fresh || (state->asking && state->verdict)) return *state->verdict;
    if (state->asking) return verdict(503, "starting", json::Value::object());
    state->asking = true;
  }
  auto now = ask();
  auto state = state_.lock();
  state->verdict = now;
  state->until = clock_.monotonic() + kRemembered;
  state->asking = false;
  return now;
}

http::Response Readiness::ask() const {
  auto failing = json::Value::object();
  for (const Check& check : checks_)
    if (auto passed = check.run(); !passed) failing.set(check.name, passed.error().message);
  return failing.size() == 0 ? verdict(200, "ready", failing) : verdict(503, "not ready", failing);
}

void addHealthRoutes(Dispatcher& dispatcher, Readiness& readiness) {
  const auto alive = [](const Call&) -> Answer { return verdict(200, "alive", json::Value::object()); };
  dispatcher.add("GET", kHealthPath, {alive, Access::Open});
  dispatcher.add("GET", "/readyz", {[&readiness](const Call&) -> Answer { return readiness.answer(); }, Access::Open});
}

}  // namespace libra::api
