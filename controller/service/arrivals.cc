#include "controller/service/arrivals.h"

#include <algorithm>
#include <vector>

#include "lib/log/log.h"

namespace libra::service {

using namespace libra::model;

namespace {

constexpr log::Logger kLog{"pool"};
constexpr Millis kAskAgain{100};  // one whose proxy starts, which takes some hundred
constexpr int kTurns = 10;        // then at the pool's next look

}  // namespace

Arrivals::Arrivals(Context context, Provider& provider, DeviceGateway& gateway, DeviceSync::Run run,
                   SparePool::Options options)
    : context_(std::move(context)),
      provider_(provider),
      gateway_(gateway),
      run_(std::move(run)),
      options_(std::move(options)) {}

int Arrivals::count() { return static_cast<int>(books_.lock()->arrivals.size()); }
bool Arrivals::expects(const std::string& name) { return books_.lock()->arrivals.contains(name); }
bool Arrivals::mayBegin() { return context_.clock.monotonic() >= books_.lock()->next_build; }
std::string Arrivals::lastError() { return books_.lock()->last_error; }

void Arrivals::addTo(Spread& spread) {
  for (auto books = books_.lock(); const auto& [name, arrival] : books->arrivals)
    ++spread[{arrival.site.zone, arrival.site.host_group}];
}

void Arrivals::expect(const Site& site, const Tenure& tenure) {
  if (!books_.lock()->arrivals.try_emplace(site.name, Arrival{site, tenure, {}, {}, false, {}}).second) return;
  run_([self = shared_from_this(), site] { self->build(site); });
}

void Arrivals::build(const Site& site) {
  const auto& name = site.name;
  auto made = provider_.build(site);
  if (!made) return turnAway(name, made.error().message + " " + made.error().detail);
  {
    auto books = books_.lock();
    auto& arrival = books->arrivals[name];
    arrival.made = *std::move(made);
    arrival.answer_by = context_.clock.monotonic() + options_.answer_within;
    arrival.asked = true;
  }
  ask(name, options_.answer_within);
}

void Arrivals::askAgain() {
  std::vector<std::pair<std::string, std::string>> late;
  std::vector<std::pair<std::string, Millis>> waiting;
  {
    auto books = books_.lock();
    for (auto& [name, arrival] : books->arrivals) {
      if (!arrival.made || arrival.asked) continue;
      const auto left = std::chrono::ceil<Millis>(arrival.answer_by - context_.clock.monotonic());
      arrival.asked = true;
      if (left <= Millis(0))
        late.emplace_back(name, arrival.fault.empty() ? "it does not answer" : arrival.fault);
      else
        waiting.emplace_back(name, left);
    }
  }
  for (const auto& [name, why] : late)
    run_([self = shared_from_this(), name = name, why = why] { self->turnAway(name, why); });
  for (const auto& [name, left] : waiting) ask(name, left);
}

void Arrivals::ask(const std::string& name, Millis patience) {
  gateway_.discover(name, patience, [weak = weak_from_this(), name](Result<protocol::Answer> answer) {
    const auto self = weak.lock();
    if (self) self->run_([self, name, answer = std::move(answer)] { self->answered(name, answer); });
  });
}

void Arrivals::answered(const std::string& name, const Result<protocol::Answer>& answer) {
  if (!answer || !answer->pass) {
    books_.lock()->arrivals[name].asked = false;
    return;
  }
  const auto& able = answer->capabilities;
  const bool checks = std::find(able.begin(), able.end(), kSelfCheck) != able.end();
  return checks ? check(name, *answer) : admit(name, *answer);
}

// One that answers may still carry nothing, perhaps because its proxy has only begun to start.
void Arrivals::check(const std::string& name, const protocol::Answer& discovered, int turn) {
  gateway_.check(name, [weak = weak_from_this(), name, discovered, turn](Result<protocol::Answer> answer) {
    const auto self = weak.lock();
    if (!self) return;
    self->run_([self, name, discovered, turn, answer = std::move(answer)] {
      if (answer && answer->pass) return self->admit(name, discovered);
      self->again(name, discovered, answer ? answer->error : "", turn);
    });
  });
}

void Arrivals::again(const std::string& name, const protocol::Answer& discovered, const std::string& fault, int turn) {
  {
    auto books = books_.lock();
    auto& arrival = books->arrivals[name];
    arrival.fault = fault;
    if (turn == kTurns) arrival.asked = false;
  }
  if (turn == kTurns) return;
  context_.clock.pause(kAskAgain);
  check(name, discovered, turn + 1);
}

void Arrivals::admit(const std::string& name, const protocol::Answer& answer) {
  const auto arrival = books_.lock()->arrivals[name];
  NewDevice device = *arrival.made;
  if (!answer.driver.empty()) device.driver = answer.driver;
  if (!answer.capabilities.empty()) device.capabilities = answer.capabilities;
  const auto stored = store(device, answer.version, arrival.tenure);
  if (!stored && stored.error().code == ErrorCode::Conflict) return turnAway(name, stored.error().detail);

  auto books = books_.lock();
  if (!stored) {
    kLog.warn("device {} cannot be stored: {}", name, stored.error().detail);
    books->arrivals[name].asked = false;
    return;
  }
  books->arrivals.erase(name);
  books->failures = 0;
  books->last_error.clear();
  context_.counters.add("devices_built");
  kLog.info("device {} ({}) is a spare", *stored, name);
}

Result<std::int64_t> Arrivals::store(const NewDevice& device, const std::string& version, const Tenure& tenure) {
  return context_.store.transact([&](Txn& txn) -> Result<std::int64_t> {
    if (auto ours = fence(txn, tenure); !ours) return ours.error();
    if (const auto known = txn.devices().findByName(device.name)) return known->id;
    const auto now = context_.clock.now();
    const auto id = txn.devices().insert(device, now);
    txn.journal().event({"device.built", "device/" + std::to_string(id), device.name + " " + version}, now);
    return id;
  });
}

// What even the destruction leaves behind, the pool finds in the provider's list.
void Arrivals::turnAway(const std::string& name, const std::string& why) {
  kLog.warn("device {} was not built: {}", name, why);
  if (const auto gone = provider_.destroy(name); !gone)
    kLog.warn("device {} cannot be destroyed: {}", name, gone.error().detail);
  context_.counters.add("devices_bad_built");
  auto books = books_.lock();
  books->arrivals.erase(name);
  books->last_error = why;
  // Of builds that fail together one counts: they have one cause.
  if (const auto now = context_.clock.monotonic(); now >= books->next_build)
    books->next_build = now + options_.backoff.delay(books->failures++);
}

}  // namespace libra::service
