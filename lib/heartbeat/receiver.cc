#include "lib/heartbeat/receiver.h"

#include <openssl/rand.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "lib/log/log.h"
#include "lib/tls/roles.h"

namespace libra::heartbeat {

namespace {

constexpr log::Logger kLog{"heartbeat"};
constexpr std::chrono::seconds kStale{1};  // older news is no news

std::string deviceNamed(const std::vector<std::string>& uris) {
  for (const auto& uri : uris)
    if (uri.starts_with(tls::kDeviceUri)) return uri.substr(tls::kDeviceUri.size());
  return {};
}

std::uint64_t randomNumber() {
  std::uint64_t number = 0;
  if (::RAND_bytes(reinterpret_cast<unsigned char*>(&number), sizeof number) != 1) std::abort();
  return number;
}

Error failed(const Endpoint& where) {
  return {ErrorCode::Unavailable, where.str() + ": " + std::generic_category().message(errno)};
}

constexpr std::size_t kLine = 64;  // of the processor's cache

void fetch(const void* what, std::size_t size) {
  for (std::size_t at = 0; at < size; at += kLine) __builtin_prefetch(static_cast<const char*>(what) + at, 1);
}

}  // namespace

// What a beat needs comes first, side by side: see arrived().
struct alignas(64) Receiver::Session {
  std::uint64_t id = 0, boot = 0;
  std::optional<Key> key;
  Pulse* pulse = nullptr;  // of who has said hello
  Freshness freshness{kStale};
  std::optional<SocketAddress> beats_from;

  std::string device;  // "": not greeted yet
  std::unique_ptr<Channel> channel;
  std::uint64_t probes = 0;
};

Receiver::Receiver(EventLoop& loop, const Clock& clock, Options options, std::shared_ptr<tls::ReloadingContext> context,
                   Events events)
    : loop_(loop),
      clock_(clock),
      options_(std::move(options)),
      context_(std::move(context)),
      events_(std::move(events)) {}

Receiver::~Receiver() = default;

Result<std::unique_ptr<Receiver>> Receiver::open(EventLoop& loop, const Clock& clock, const Options& options,
                                                 std::shared_ptr<tls::ReloadingContext> context, Events events) {
  std::unique_ptr<Receiver> receiver(new Receiver(loop, clock, options, std::move(context), std::move(events)));
  if (const auto listening = receiver->listen(); !listening) return listening.error();
  return receiver;
}

Status Receiver::listen() {
  const SocketAddress address(options_.listen);
  constexpr int kFlags = LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE;
  listener_.reset(::evconnlistener_new_bind(loop_.base(), onAccept, this, kFlags, 1024, address.get(),
                                            static_cast<int>(address.size)));
  if (!listener_) return failed(options_.listen);
  const Endpoint here{options_.listen.address, static_cast<std::uint16_t>(port())};
  auto datagrams = Datagrams::bind(loop_, here, [this](std::span<const Datagram> all) { arrived(all); });
  if (!datagrams) return datagrams.error();
  datagrams_ = *std::move(datagrams);
  return ok();
}

int Receiver::port() const {
  SocketAddress address;
  ::getsockname(::evconnlistener_get_fd(listener_.get()), address.get(), &address.size);
  const auto endpoint = address.endpoint();
  return endpoint ? endpoint->port : 0;
}

void Receiver::accepted(Fd socket) {
  if (sessions_.size() >= options_.most_devices)
    return kLog.error("more than {} devices: one is turned away", options_.most_devices);
  auto made = std::make_unique<Session>();
  Session& session = *made;
  auto channel = Channel::accept(
      loop_, std::move(socket), context_->current(),
      {[this, &session] { opened(session); }, [this, &session](const Notice& notice) { heard(session, notice); },
       [this, &session](const std::string& why) { ended(session, why); }});
  if (!channel) return kLog.error("a device cannot be taken: {}", channel.error().detail);
  session.channel = *std::move(channel);
  session.id = sessions_.add(randomNumber(), std::move(made));
}

void Receiver::opened(Session& session) {
  session.device = deviceNamed(session.channel->peerUris());
  if (session.device.empty()) return ended(session, "a certificate that is no device's");
  const auto secret = session.channel->secret();
  if (!secret) return ended(session, secret.error().detail);
  session.key.emplace(*secret);
}

void Receiver::heard(Session& session, const Notice& notice) {
  if (const auto* hello = std::get_if<Hello>(&notice)) return greet(session, *hello);
  if (find(session.device) != &session) return ended(session, "it has not said hello");
  if (const auto* holds = std::get_if<Holds>(&notice)) return events_.holds(session.device, holds->vips);
  if (std::holds_alternative<ProxyLost>(notice)) return events_.proxy_lost(session.device);
  ended(session, "it speaks as a controller would");
}

// The session's life before this one may end unheard: it is closed, and its beats count no more.
void Receiver::greet(Session& session, const Hello& hello) {
  session.boot = hello.boot;
  const auto before = names_.find(session.device);
  if (before != names_.end() && before->second != session.id) sessions_.erase(before->second);
  names_[session.device] = session.id;
  session.channel->send(Watching{session.id, options_.interval});
  session.pulse = &events_.connected(session.device);
}

void Receiver::ended(Session& session, const std::string& why) {
  const std::string device = session.device;
  const auto current = names_.find(device);
  const bool counts = current != names_.end() && current->second == session.id;
  kLog.debug("connection of device '{}' ended: {}", device, why);
  if (counts) names_.erase(current);
  sessions_.erase(session.id);
  if (counts) events_.closed(device);
}

Receiver::Session* Receiver::claimedBy(const Datagram& datagram) const {
  const auto id = sessionOf(datagram.bytes);
  return id ? sessions_.find(*id) : nullptr;
}

// The memory of who beats ten times a second is in no cache. It comes while the beats before are taken.
void Receiver::arrived(std::span<const Datagram> datagrams) {
  constexpr std::size_t kSoon = 4;
  const auto at = [&](std::size_t i) { return i < datagrams.size() ? claimedBy(datagrams[i]) : nullptr; };
  for (std::size_t i = 0; i < datagrams.size(); ++i) {
    if (const auto* later = at(i + 2 * kSoon)) fetch(later, sizeof *later);
    if (const auto* soon = at(i + kSoon); soon != nullptr && soon->pulse != nullptr) fetch(soon->pulse, 2 * kLine);
    take(datagrams[i]);
  }
}

void Receiver::take(const Datagram& datagram) {
  Session* session = claimedBy(datagram);
  if (session == nullptr || session->pulse == nullptr) return void(++counts_.refused);
  const auto beat = libra::heartbeat::open(datagram.bytes, *session->key);
  if (!beat || beat->kind != Beat::Kind::Beat || beat->boot != session->boot) return void(++counts_.refused);
  const auto verdict = session->freshness.judge(beat->sequence, beat->sent, clock_.monotonic());
  if (verdict == Freshness::Verdict::Replayed) return void(++counts_.replayed);
  counts_.worst_delay = std::max(counts_.worst_delay, session->freshness.delay());
  session->beats_from = datagram.from;
  if (verdict == Freshness::Verdict::Late) return void(++counts_.late);
  ++counts_.beats;
  session->pulse->felt(*beat);
}

Receiver::Session* Receiver::find(const std::string& device) {
  const auto name = names_.find(device);
  return name == names_.end() ? nullptr : sessions_.find(name->second);
}

void Receiver::send(const std::string& device, const Notice& notice) {
  if (Session* session = find(device)) session->channel->send(notice);
}

void Receiver::probe(const std::string& device) {
  Session* session = find(device);
  if (session == nullptr || !session->beats_from) return;
  Beat probe;
  probe.kind = Beat::Kind::Probe;
  probe.session = session->id;
  probe.sequence = ++session->probes;
  if (const auto bytes = seal(probe, *session->key)) datagrams_->send(*bytes, *session->beats_from);
}

Receiver::Counts Receiver::counts() {
  const Counts now = counts_;
  counts_.worst_delay = {};
  return now;
}

}  // namespace libra::heartbeat
