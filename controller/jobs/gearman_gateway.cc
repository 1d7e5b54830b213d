#include "controller/jobs/gearman_gateway.h"

#include <atomic>
#include <condition_variable>
#include <list>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "lib/event/worker_pool.h"
#include "lib/gear/thread.h"
#include "lib/gear/tls_pipe.h"
#include "lib/log/log.h"
#include "lib/protocol/device_report.h"
#include "lib/protocol/vip_claim.h"
#include "lib/seal/asker.h"
#include "lib/seal/base64.h"
#include "lib/tls/roles.h"

namespace libra {

namespace {

using std::chrono::milliseconds;

constexpr log::Logger kLog{"jobs"};
constexpr auto kStats = R"({"hpcs_action":"STATS"})";
constexpr auto kCheck = R"({"hpcs_action":"CHECK"})";
constexpr auto kDiscover = R"({"hpcs_action":"DISCOVER"})";

struct Call {
  std::string device, payload;
  milliseconds timeout;
  service::DeviceGateway::Done done;
  std::string sent{};       // what became of the payload
  bool introduced = false;  // the device was asked for its certificate in this call
};

// A call that a sender has lost patience with, on its connection.
struct LateCall {
  Call call;
  std::unique_ptr<gear::Client> client;
};

void finish(const Call& call, const Result<std::string>& answer) {
  if (answer) return call.done(protocol::readAnswer(*answer));
  kLog.debug("device {}: {}", call.device, answer.error().detail);
  call.done(answer.error());
}

Error unavailable(const char* why) { return Error{ErrorCode::Unavailable, "No answer, try again later", why}; }

}  // namespace

struct GearmanGateway::Impl {
  Impl(std::unique_ptr<gear::TlsPipe> opened, std::optional<seal::Hand> signing, const Options& chosen,
       const Clock& clock);
  ~Impl();

  protocol::DeviceState withClaims(const std::string& device, protocol::DeviceState state) const;
  void submit(Call call);
  void send(Call call);
  void receive(Call call, const Result<std::string>& answer);
  void handOver(LateCall late);
  void waitForLate();
  bool collect(std::list<LateCall>& late);
  std::unique_ptr<gear::Client> borrow();
  void giveBack(std::unique_ptr<gear::Client> client);

  const std::unique_ptr<gear::TlsPipe> pipe;
  const std::optional<seal::Hand> hand;  // none: plain jobs
  const std::unique_ptr<seal::Asker> asker;
  const Options options;
  std::atomic<bool> stopping = false;
  std::mutex mutex;
  std::condition_variable wake;
  std::vector<std::unique_ptr<gear::Client>> idle;  // guarded by mutex, like the next two
  std::list<LateCall> handed_over;
  std::size_t waiting = 0;  // late calls, handed over or taken up
  WorkerPool senders;
  std::thread patient;
};

GearmanGateway::Impl::Impl(std::unique_ptr<gear::TlsPipe> opened, std::optional<seal::Hand> signing,
                           const Options& chosen, const Clock& clock)
    : pipe(std::move(opened)),
      hand(std::move(signing)),
      asker(hand ? std::make_unique<seal::Asker>(*hand, clock) : nullptr),
      options(chosen),
      senders("jobs", chosen.senders, 0),
      patient([this] { waitForLate(); }) {}

GearmanGateway::Impl::~Impl() {
  stopping = true;
  senders.stop();  // what is still queued ends there
  {
    std::lock_guard lock(mutex);
    wake.notify_all();
  }
  patient.join();
  // A sender may have handed over after the patient thread looked for the last time.
  for (const auto& each : handed_over) finish(each.call, unavailable("shutting down"));
}

// What the device shows a neighbour that has its VIP too, when neither of them reaches a controller.
protocol::DeviceState GearmanGateway::Impl::withClaims(const std::string& device, protocol::DeviceState state) const {
  if (!hand) return state;
  for (auto& vip : state.virtual_ips) {
    const auto claim = hand->sign(protocol::writeVipClaim({vip.address, vip.epoch, device}));
    if (claim)
      vip.claim = seal::toBase64(*claim);
    else
      kLog.warn("device {} has no claim to show for {}: {}", device, vip.address.str(), claim.error().detail);
  }
  return state;
}

void GearmanGateway::Impl::submit(Call call) {
  senders.must([this, call = std::move(call)] { send(call); });
}

void GearmanGateway::Impl::send(Call call) {
  if (stopping) return finish(call, unavailable("shutting down"));
  auto sent = asker ? asker->write(tls::deviceUri(call.device), call.payload) : call.payload;
  if (!sent) return finish(call, sent.error());
  call.sent = *std::move(sent);
  auto client = borrow();
  client->start(call.device, call.sent, call.timeout);
  const auto answer = client->poll(options.patience);
  if (!answer) return handOver({std::move(call), std::move(client)});
  giveBack(std::move(client));
  receive(std::move(call), *answer);
}

void GearmanGateway::Impl::receive(Call call, const Result<std::string>& answer) {
  if (!asker || !answer) return finish(call, answer);
  auto text = asker->read(tls::deviceUri(call.device), call.sent, *answer);
  if (!text) return finish(call, text.error());
  if (*text) return finish(call, *std::move(*text));
  if (std::exchange(call.introduced, true))
    return finish(call, unavailable("the device cannot open what is sealed for it"));
  send(std::move(call));
}

void GearmanGateway::Impl::handOver(LateCall late) {
  {
    std::lock_guard lock(mutex);
    if (waiting < options.most_waiting) {
      ++waiting;
      handed_over.push_back(std::move(late));
      wake.notify_all();
      return;
    }
  }
  finish(late.call, unavailable("too many devices do not answer"));
}

void GearmanGateway::Impl::waitForLate() {
  gear::beginThread("jobs-late");
  std::list<LateCall> late;
  while (collect(late)) {
    for (auto next = late.begin(); next != late.end();) {
      const auto each = next++;
      const auto answer = each->client->poll(milliseconds(1));
      if (!answer) continue;
      giveBack(std::move(each->client));
      receive(std::move(each->call), *answer);
      late.erase(each);
    }
  }
  for (const auto& each : late) finish(each.call, unavailable("shutting down"));
}

// Adds what was handed over; waits if there is nothing at all. False: the end.
bool GearmanGateway::Impl::collect(std::list<LateCall>& late) {
  std::unique_lock lock(mutex);
  waiting = late.size() + handed_over.size();
  wake.wait(lock, [&] { return stopping || !late.empty() || !handed_over.empty(); });
  late.splice(late.end(), handed_over);
  return !stopping;
}

std::unique_ptr<gear::Client> GearmanGateway::Impl::borrow() {
  std::lock_guard lock(mutex);
  if (idle.empty()) return std::make_unique<gear::Client>(*pipe, "libra-controller");
  auto client = std::move(idle.back());
  idle.pop_back();
  return client;
}

// As many connections stay open as there are senders to use them.
void GearmanGateway::Impl::giveBack(std::unique_ptr<gear::Client> client) {
  std::lock_guard lock(mutex);
  if (idle.size() < static_cast<std::size_t>(options.senders)) idle.push_back(std::move(client));
}

GearmanGateway::GearmanGateway(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
GearmanGateway::~GearmanGateway() = default;

Result<std::unique_ptr<GearmanGateway>> GearmanGateway::open(const gear::Connection& connection, const Options& options,
                                                             const Clock& clock) {
  std::optional<seal::Hand> hand;
  if (options.sealed) {
    auto opened = seal::Hand::open({connection.ca, connection.certificate, connection.key});
    if (!opened) return opened.error();
    hand = *std::move(opened);
  }
  auto pipe = gear::TlsPipe::open(connection);
  if (!pipe) return pipe.error();
  return std::unique_ptr<GearmanGateway>(
      new GearmanGateway(std::make_unique<Impl>(*std::move(pipe), std::move(hand), options, clock)));
}

void GearmanGateway::update(const std::string& device, const protocol::DeviceState& state, Done done) {
  auto payload = json::dump(protocol::writeUpdate(impl_->withClaims(device, state)));
  impl_->submit({device, std::move(payload), impl_->options.update_timeout, std::move(done)});
}

void GearmanGateway::stats(const std::string& device, Done done) {
  impl_->submit({device, kStats, impl_->options.stats_timeout, std::move(done)});
}

void GearmanGateway::metrics(const std::string& device, std::uint64_t acknowledged, Done done) {
  impl_->submit({device, protocol::writeMetrics(acknowledged), impl_->options.stats_timeout, std::move(done)});
}

void GearmanGateway::check(const std::string& device, Done done) {
  impl_->submit({device, kCheck, impl_->options.stats_timeout, std::move(done)});
}

void GearmanGateway::discover(const std::string& device, milliseconds timeout, Done done) {
  impl_->submit({device, kDiscover, timeout, std::move(done)});
}

bool GearmanGateway::usable() const { return impl_->pipe->usable(); }

std::vector<gear::TlsPipe::ServerState> GearmanGateway::servers() const { return impl_->pipe->states(); }

}  // namespace libra
