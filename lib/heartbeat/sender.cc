#include "lib/heartbeat/sender.h"

#include <algorithm>
#include <utility>

#include "lib/log/log.h"
#include "lib/tls/roles.h"

namespace libra::heartbeat {

namespace {

constexpr log::Logger kLog{"heartbeat"};

}  // namespace

Sender::Sender(EventLoop& loop, const Clock& clock, const Endpoint& controller,
               std::shared_ptr<tls::ReloadingContext> context, std::uint64_t boot, Events events)
    : loop_(loop),
      clock_(clock),
      controller_(controller),
      context_(std::move(context)),
      boot_(boot),
      events_(std::move(events)),
      beating_(loop, [this] { beat(); }),
      again_(loop, [this] { connect(); }) {
  connect();
}

void Sender::connect() {
  auto channel = Channel::connect(loop_, controller_, context_->current(),
                                  {[this] { opened(); }, [this](const Notice& notice) { heard(notice); },
                                   [this](const std::string& why) { ended(why); }});
  if (!channel) return ended(channel.error().message);
  channel_ = *std::move(channel);
}

void Sender::opened() {
  const auto uris = channel_->peerUris();
  if (std::find(uris.begin(), uris.end(), tls::kControllerUri) == uris.end()) return ended("it is no controller");
  const auto secret = channel_->secret();
  if (!secret) return ended(secret.error().detail);
  key_.emplace(*secret);
  channel_->send(Hello{boot_});
  channel_->send(Holds{report_.vips});
  if (proxy_lost_) channel_->send(ProxyLost{});
}

void Sender::heard(const Notice& notice) {
  if (const auto* watching = std::get_if<Watching>(&notice)) return watched(*watching);
  if (const auto* drop = std::get_if<Drop>(&notice)) return events_.drop(drop->vip);
  if (std::holds_alternative<Checked>(notice)) return events_.checked();
  ended("it speaks as a device would");
}

// Whoever lost the connection tries at once, and then ever more slowly.
void Sender::ended(const std::string& why) {
  if (std::exchange(last_why_, why) != why) kLog.warn("controller {}: {}", controller_.str(), why);
  watched_ = false;
  beating_.cancel();
  channel_.reset();
  datagrams_.reset();
  key_.reset();
  again_.once(backoff_.delay(failures_++));
}

void Sender::watched(const Watching& watching) {
  auto datagrams = Datagrams::connect(loop_, controller_, [this](std::span<const Datagram> all) {
    for (const auto& datagram : all) arrived(datagram.bytes);
  });
  if (!datagrams) return ended(datagrams.error().message);
  if (!std::exchange(watched_, true)) kLog.info("controller {} watches", controller_.str());
  datagrams_ = *std::move(datagrams);
  session_ = watching.session;
  failures_ = 0;
  last_why_.clear();
  beat();
  beating_.every(watching.interval);
}

void Sender::arrived(Bytes datagram) {
  const auto probe = open(datagram, *key_);
  if (probe && probe->session == session_ && probe->kind == Beat::Kind::Probe) beat();
}

void Sender::beat() {
  using std::chrono::duration_cast;
  const Beat now{.kind = Beat::Kind::Beat,
                 .session = session_,
                 .sequence = ++sequence_,
                 .boot = boot_,
                 .sent = duration_cast<std::chrono::microseconds>(clock_.monotonic().time_since_epoch()),
                 .generation = report_.generation,
                 .proxy_alive = report_.proxy_alive,
                 .serving = report_.serving,
                 .vips = static_cast<std::uint16_t>(report_.vips.size())};
  if (const auto bytes = seal(now, *key_)) datagrams_->send(*bytes);  // the next one follows soon
}

void Sender::tell(const Report& report) {
  const bool moved = report.vips != report_.vips;
  report_ = report;
  if (report.proxy_alive) proxy_lost_ = false;
  if (moved && key_) channel_->send(Holds{report_.vips});
}

void Sender::tellProxyLost() {
  if (!std::exchange(proxy_lost_, true) && key_) channel_->send(ProxyLost{});
}

}  // namespace libra::heartbeat
