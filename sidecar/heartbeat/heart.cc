#include "sidecar/heartbeat/heart.h"

#include <pthread.h>

#include <random>
#include <utility>

namespace libra::sidecar {

Heart::Heart(Options options, const Clock& clock, Events events)
    : options_(std::move(options)), clock_(clock), events_(std::move(events)) {}

Result<std::unique_ptr<Heart>> Heart::start(const Options& options, const Clock& clock, const heartbeat::Report& first,
                                            Events events) {
  std::unique_ptr<Heart> heart(new Heart(options, clock, std::move(events)));
  if (!options.controllers.empty()) {
    auto context = tls::ReloadingContext::open(options.tls, tls::ReloadingContext::Role::Client);
    if (!context) return context.error();
    heart->context_ = *std::move(context);
  }
  heart->report_ = first;
  heart->loop_.post([raw = heart.get()] { raw->begin(); });
  heart->thread_ = std::thread([raw = heart.get()] { raw->run(); });
  return heart;
}

Heart::~Heart() { stop(); }

void Heart::stop() {
  if (!thread_.joinable()) return;
  loop_.post([this] {
    proxy_.reset();
    senders_.clear();
    loop_.stop();
  });
  thread_.join();
}

void Heart::run() {
  ::pthread_setname_np(::pthread_self(), "heart");
  loop_.run();
}

void Heart::begin() {
  std::random_device random;
  const auto boot = static_cast<std::uint64_t>(random()) << 32 | random();
  for (const auto& controller : options_.controllers)
    senders_.emplace_back(loop_, clock_, controller, context_, boot,
                          heartbeat::Sender::Events{events_.drop, events_.checked});
  report_.proxy_alive = options_.runtime_socket.empty();
  pass();
  if (options_.runtime_socket.empty()) return;
  proxy_.emplace(loop_, clock_, options_.runtime_socket,
                 ProxyWatch::Events{.alive = [this] { proxyIs(true); },
                                    .died = [this] { proxyIs(false); },
                                    .lost =
                                        [this] {
                                          for (auto& sender : senders_) sender.tellProxyLost();
                                        }});
}

void Heart::proxyIs(bool alive) {
  report_.proxy_alive = alive;
  if (alive && std::exchange(proxy_died_, false)) events_.proxy_restarted();
  if (!alive) proxy_died_ = true;
  pass();
}

void Heart::tell(const heartbeat::Report& report) {
  loop_.post([this, report] {
    const bool alive = report_.proxy_alive;
    report_ = report;
    report_.proxy_alive = alive;
    pass();
  });
}

void Heart::pass() {
  for (auto& sender : senders_) sender.tell(report_);
}

}  // namespace libra::sidecar
