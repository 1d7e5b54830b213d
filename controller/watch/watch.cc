#include "controller/watch/watch.h"

#include <pthread.h>

#include <algorithm>
#include <future>
#include <utility>

#include "lib/log/log.h"

namespace libra::watch {

using heartbeat::ProxyState;
using service::Healer;
using service::LossReason;

namespace {

constexpr log::Logger kLog{"watch"};
constexpr Millis kPublishEvery{200};
constexpr Millis kMostToWait{500};  // a watch that is later than this is not fit to hear

LossReason reasonFor(Evidence evidence) {
  switch (evidence) {
    case Evidence::Refused:
      return LossReason::Refused;
    case Evidence::ProxyLost:
      return LossReason::ProxyLost;
    case Evidence::NoSidecar:
      return LossReason::NoSidecar;
    case Evidence::Silence:
      break;
  }
  return LossReason::Silence;
}

}  // namespace

Result<std::unique_ptr<Watch>> Watch::open(const Options& options, const Clock& clock,
                                           std::shared_ptr<tls::ReloadingContext> context) {
  std::unique_ptr<Watch> watch(new Watch(options, clock));
  if (const auto listening = watch->listen(std::move(context)); !listening) return listening.error();
  return watch;
}

Status Watch::listen(std::shared_ptr<tls::ReloadingContext> context) {
  auto opened = heartbeat::Receiver::open(
      loop_, clock_, {.listen = options_.listen, .interval = options_.timing.interval}, std::move(context),
      {.connected = [this](const std::string& device) -> heartbeat::Pulse& {
         auto& pulse = fleet_.connected(device);
         turn();
         return pulse;
       },
       .holds =
           [this](const std::string& device, const std::vector<heartbeat::HeldVip>& vips) {
             holdings_[device].vips = vips;
             checkHolding(device);
           },
       .proxy_lost = [this](const std::string& device) { fleet_.proxyLost(device), turn(); },
       .closed = [this](const std::string& device) { fleet_.closed(device), turn(); }});
  if (!opened) return opened.error();
  receiver_ = *std::move(opened);
  port_ = receiver_->port();
  return ok();
}

Watch::~Watch() {
  if (!thread_.joinable()) return;
  loop_.stop();
  thread_.join();
}

void Watch::start(Healer& healer, service::DeviceSync::Run run) {
  healer_ = &healer;
  run_ = std::move(run);
  publish_.every(kPublishEvery);
  thread_ = std::thread([this] {
    ::pthread_setname_np(::pthread_self(), "watch");
    loop_.run();
  });
}

void Watch::follow(const std::vector<Healer::Watched>& devices) {
  loop_.post([this, devices] {
    addresses_.clear();
    for (const auto& device : devices)
      if (const auto address = NetAddress::parse(device.address)) addresses_[device.name] = *address;
    for (const auto& [name, address] : addresses_) fleet_.expect(name);
    for (const auto& name : fleet_.devices()) {
      if (addresses_.contains(name) || receiver_->isConnected(name)) continue;
      fleet_.forget(name);
      questions_.erase(name);
      holdings_.erase(name);
      lost_.lock()->erase(name);
    }
    checkUnknown();
    turn();
  });
}

void Watch::probe(const std::string& device) { receiver_->probe(device); }

void Watch::ask(const std::string& device) {
  const auto address = addresses_.find(device);
  if (address == addresses_.end()) return lookUp(device);
  // The question still open is taken back: this one is newer.
  questions_[device] = std::make_unique<heartbeat::Question>(
      loop_, heartbeat::Endpoint{address->second, options_.management_port}, options_.timing.question,
      [this, device](ProxyState state) {
        const auto question = std::move(questions_[device]);  // it lives until this has returned
        questions_.erase(device);
        fleet_.proxySaid(device, state);
        turn();
      });
}

// It came after the last reading of the list. Once only: one that is in no list has no address.
void Watch::lookUp(const std::string& device) {
  if (!looking_up_.insert(device).second) return;
  run_([this, device] {
    if (const auto devices = healer_->toWatch()) follow(*devices);
    loop_.post([this, device] {
      looking_up_.erase(device);
      if (addresses_.contains(device)) ask(device);
    });
  });
}

void Watch::lost(const std::string& device, Evidence evidence, Instant last_heard) {
  lost_.lock()->insert(device);
  kLog.warn("device {} is lost: {}", device, name(reasonFor(evidence)));
  healer_->lost(device, reasonFor(evidence), last_heard);
}

// It may have slept through the loss of its VIPs.
void Watch::returned(const std::string& device) {
  kLog.info("device {} is heard again", device);
  lost_.lock()->erase(device);
  checkHolding(device);
}

void Watch::checkHolding(const std::string& device) {
  auto& holding = holdings_[device];
  if (std::exchange(holding.asked, true)) {
    holding.again = true;
    return;
  }
  std::vector<Healer::Claim> claims;
  for (const auto& vip : holding.vips) claims.push_back({vip.address, vip.epoch});
  run_([this, device, claims] {
    auto strangers = healer_->strangersVips(device, claims);
    if (strangers && strangers->empty()) healer_->gaveUp(device);
    loop_.post([this, device, strangers = std::move(strangers)] { checked(device, strangers); });
  });
}

// What a device told before it was lost may not be so any more; it tells anew when it is heard again.
void Watch::checkUnknown() {
  for (auto& [device, holding] : holdings_)
    if (holding.unknown && !holding.asked && fleet_.hears(device)) checkHolding(device);
}

void Watch::checked(const std::string& device, const Result<std::vector<Healer::Claim>>& strangers) {
  auto& holding = holdings_[device];
  holding.asked = false;
  if (std::exchange(holding.again, false)) return checkHolding(device);
  holding.unknown = !strangers;
  if (!strangers) return kLog.warn("device {}: whose its VIPs are is not known: {}", device, strangers.error().detail);
  for (const auto& vip : *strangers) {
    kLog.warn("device {} is to give up {}, epoch {}", device, vip.address.str(), vip.epoch);
    receiver_->send(device, heartbeat::Drop{{vip.address, vip.epoch}});
  }
  receiver_->send(device, heartbeat::Checked{});
}

void Watch::turn() {
  const Instant next = fleet_.turn();
  if (next == Instant::max()) return turn_.cancel();
  turn_.once(std::max(Millis(0), std::chrono::ceil<Millis>(next - clock_.monotonic())));
}

void Watch::publish() {
  *state_.lock() = {receiver_->counts(), receiver_->connections(), fleet_.isBlind(), fleet_.lateTurns()};
  healer_->breaker().blind(fleet_.isBlind());
}

bool Watch::isLost(const std::string& device) const { return lost_.lock()->contains(device); }

bool Watch::hears(const std::string& device) {
  const auto answer = std::make_shared<std::promise<bool>>();
  auto heard = answer->get_future();
  loop_.post([this, device, answer] { answer->set_value(fleet_.hears(device)); });
  return heard.wait_for(kMostToWait) == std::future_status::ready && heard.get();
}

Watch::State Watch::state() const { return *state_.lock(); }

}  // namespace libra::watch
