#include "sidecar/checks/probe.h"

#include <fmt/format.h>

#include <utility>

namespace libra::sidecar::checks {

namespace {

bool isExpected(const Monitor& monitor, const std::string& status) {
  return monitor.status ? monitor.status->foundIn(status) : status[0] == '2' || status[0] == '3';
}

std::string hostOf(const protocol::MonitorState& monitor, const Target& target) {
  if (!monitor.host.empty()) return monitor.host;
  return target.address.isV6() ? "[" + target.address.str() + "]" : target.address.str();
}

}  // namespace

Probe::Probe(EventLoop& loop, std::shared_ptr<const Monitor> monitor, const Target& target, const tls::Context& tls,
             Done done)
    : monitor_(std::move(monitor)),
      done_(std::move(done)),
      host_(hostOf(monitor_->wanted, target)),
      deadline_(loop,
                [this] {
                  const auto seconds = monitor_->wanted.timeout.count();
                  finish(Finding::What::Failed, fmt::format("no answer within {} s", seconds));
                }),
      stream_(makeStream(loop, target, tls)) {
  deadline_.once(monitor_->wanted.timeout);
  stream_->connect(target.address, target.port);
}

std::unique_ptr<net::Stream> Probe::makeStream(EventLoop& loop, const Target& target, const tls::Context& tls) {
  net::Stream::Events events{[this] { connected(); }, [this](std::string_view bytes) { received(bytes); },
                             [this](net::End end, const std::string& why) { ended(end, why); }};
  if (monitor_->wanted.type != MonitorType::Https) return std::make_unique<net::Stream>(loop, std::move(events));
  auto session = tls::clientSession(tls, monitor_->wanted.host.empty() ? target.address.str() : host_);
  return std::make_unique<net::Stream>(loop, std::move(events), session ? *std::move(session) : nullptr);
}

std::string Probe::request() const {
  return fmt::format("GET {} HTTP/1.0\r\nHost: {}\r\nUser-Agent: libra\r\nConnection: close\r\n\r\n",
                     monitor_->wanted.path, host_);
}

void Probe::connected() {
  if (monitor_->wanted.type == MonitorType::Connect) return finish(Finding::What::Passed, "connected");
  stream_->send(request());
}

void Probe::received(std::string_view bytes) {
  const auto stage = answer_.feed(bytes);
  const bool enough = stage == HttpAnswer::Stage::Body && !monitor_->body;
  if (enough || stage == HttpAnswer::Stage::Complete || stage == HttpAnswer::Stage::NotHttp) judge();
}

void Probe::ended(net::End end, const std::string& why) {
  if (end == net::End::Local) return finish(Finding::What::Unknown, why);
  if (end == net::End::Failed) return finish(Finding::What::Failed, why);
  if (monitor_->wanted.type == MonitorType::Connect) return finish(Finding::What::Failed, why);
  answer_.end();
  judge();
}

void Probe::judge() {
  if (answer_.stage() == HttpAnswer::Stage::NotHttp) return finish(Finding::What::Failed, "the answer is not HTTP");
  if (!isExpected(*monitor_, answer_.status()))
    return finish(Finding::What::Failed, fmt::format("status {}", answer_.status()));
  if (monitor_->body && !monitor_->body->foundIn(answer_.body()))
    return finish(Finding::What::Failed, "the body does not match");
  finish(Finding::What::Passed, fmt::format("status {}", answer_.status()));
}

void Probe::finish(Finding::What what, std::string reason) {
  deadline_.cancel();
  const auto done = done_;  // a copy: it may destroy this
  done({what, std::move(reason)});
}

}  // namespace libra::sidecar::checks
