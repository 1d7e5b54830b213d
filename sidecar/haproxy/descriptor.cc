#include "sidecar/haproxy/descriptor.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "sidecar/haproxy/certificates.h"
#include "sidecar/haproxy/words.h"

namespace libra::sidecar::haproxy {

namespace {

using protocol::LoadBalancerState;
using protocol::ThrottleState;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kPositional = 13;
constexpr std::string_view kPersistence[] = {"none", "cookie", "source"};

std::string_view word(Persistence persistence) { return kPersistence[static_cast<int>(persistence)]; }

std::optional<Persistence> persistenceOf(std::string_view text) {
  for (auto persistence : {Persistence::None, Persistence::HttpCookie, Persistence::SourceIp})
    if (word(persistence) == text) return persistence;
  return std::nullopt;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t from = 0;;) {
    const auto to = text.find(separator, from);
    parts.push_back(text.substr(from, to == text.npos ? to : to - from));
    if (to == text.npos) return parts;
    from = to + 1;
  }
}

// Any bytes as one word.
std::string hex(std::string_view text) {
  std::string digits;
  for (const unsigned char byte : text) digits += fmt::format("{:02x}", byte);
  return digits;
}

std::string unhex(std::string_view digits) {
  std::string text;
  for (; digits.size() >= 2; digits.remove_prefix(2)) {
    unsigned byte = 0;
    std::from_chars(digits.data(), digits.data() + 2, byte, 16);
    text += static_cast<char>(byte);
  }
  return text;
}

bool isUsual(const Descriptor& descriptor) {
  const auto& balancer = descriptor.balancer;
  return descriptor.backend.plain && isPlain(balancer) && descriptor.access == "-" && descriptor.page == "-" &&
         !balancer.suspended && !balancer.connection_logging && !balancer.https_redirect;
}

std::string switches(const Descriptor& descriptor) {
  const auto& balancer = descriptor.balancer;
  const std::pair<char, bool> kLetters[] = {{'f', balancer.forwarded.client},
                                            {'p', balancer.forwarded.protocol},
                                            {'o', balancer.forwarded.port},
                                            {'s', balancer.suspended},
                                            {'a', descriptor.access != "-"},
                                            {'l', balancer.connection_logging},
                                            {'t', balancer.throttle.has_value()},
                                            {'h', balancer.half_closed},
                                            {'x', balancer.proxy_protocol},
                                            {'e', balancer.tls && balancer.tls->secure_only},
                                            {'r', balancer.https_redirect},
                                            {'v', balancer.node_tls.verify},
                                            {'u', isUsual(descriptor)}};
  std::string letters;
  for (const auto& [letter, on] : kLetters)
    if (on) letters += letter;
  return letters.empty() ? "-" : letters;
}

void readSwitches(std::string_view letters, LoadBalancerState& balancer) {
  const auto has = [&](char letter) { return letters.find(letter) != letters.npos; };
  balancer.forwarded = {has('f'), has('p'), has('o')};
  balancer.suspended = has('s');
  balancer.connection_logging = has('l');
  balancer.half_closed = has('h');
  balancer.proxy_protocol = has('x');
  balancer.https_redirect = has('r');
  balancer.node_tls.verify = has('v');
  if (has('t')) balancer.throttle.emplace();
}

// Its table, and its numbers as HAProxy compares them.
std::string throttleText(const std::optional<ThrottleState>& throttle) {
  if (!throttle) return "-|0|0|0";
  const auto interval = static_cast<int>(throttle->interval.count());
  const auto period = *std::lower_bound(std::begin(kThrottlePeriods), std::prev(std::end(kThrottlePeriods)), interval);
  const auto scaled = std::int64_t{throttle->most_new} * period / interval;
  return fmt::format("{}|{}|{}|{}", period, throttle->most_connections, throttle->free_connections, scaled);
}

// Reads the named fields after the positional ones; remembers whether any was wrong.
class Fields {
 public:
  explicit Fields(const std::vector<std::string_view>& parts) {
    for (std::size_t i = kPositional; i < parts.size(); ++i) {
      const auto equals = parts[i].find('=');
      if (equals != std::string_view::npos) values_[parts[i].substr(0, equals)] = parts[i].substr(equals + 1);
    }
  }

  std::string_view text(std::string_view name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? std::string_view() : found->second;
  }

  template <typename Number>
  Number number(std::string_view name) {
    const auto value = numberOf<Number>(text(name));
    good_ = good_ && value.has_value();
    return value.value_or(Number{});
  }

  bool good() const { return good_; }

 private:
  std::map<std::string_view, std::string_view> values_;
  bool good_ = true;
};

}  // namespace

bool isPlain(const LoadBalancerState& balancer) {
  return balancer.protocol == Protocol::Http && balancer.forwarded == protocol::ForwardedState{} &&
         balancer.persistence.value_or(defaultPersistence(balancer.protocol)) == Persistence::None &&
         effective(balancer.options.server_timeout) == kUsualTimeout;
}

std::string Descriptor::text() const {
  const auto& o = balancer.options;
  const auto& m = balancer.monitor;
  const auto throttle = balancer.throttle.value_or(ThrottleState{});
  return fmt::format(
      "{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|lb={}|protocol={}|port={}|algorithm={}|client={}|server={}|connect={}|retries={}|"
      "delay={"
      "}|timeout={}"
      "|attempts={}|new={}|interval={}"
      "|in0={}|out0={}|connections0={}|requests0={}|statuses0={}|check={}|host={}|status={}|body={}|nodehost={}|"
      "authority={}",
      backend.name(), effective(o.server_timeout).count(), m.path,
      word(balancer.persistence.value_or(defaultPersistence(balancer.protocol))), switches(*this), access, page,
      throttleText(balancer.throttle), listener == 0 ? "-" : listenerName(listener),
      balancer.tls ? balancer.tls->port : 0, balancer.id, libra::name(balancer.protocol), balancer.port,
      libra::name(balancer.algorithm), o.client_timeout.count(), o.server_timeout.count(), o.connect_timeout.count(),
      o.retries, m.delay.count(), m.timeout.count(), m.attempts, throttle.most_new, throttle.interval.count(),
      baseline.bytes_in, baseline.bytes_out, baseline.connections, baseline.requests, fmt::join(baseline.statuses, ","),
      libra::name(m.type), hex(m.host), hex(m.status_regex), hex(m.body_regex), balancer.node_tls.host,
      balancer.node_tls.ca);
}

std::optional<Descriptor> Descriptor::parse(std::string_view text) {
  const auto parts = split(text, '|');
  if (parts.size() < kPositional) return std::nullopt;
  const auto backend = Variant::parse(parts[0]);
  Fields fields(parts);
  const auto protocol = parseProtocol(fields.text("protocol"));
  const auto algorithm = parseAlgorithm(fields.text("algorithm"));
  if (!backend || !protocol || !algorithm || !isId(fields.text("lb"))) return std::nullopt;

  Descriptor read;
  read.backend = *backend;
  auto& balancer = read.balancer;
  balancer.id = fields.text("lb");
  balancer.protocol = *protocol;
  balancer.port = fields.number<std::uint16_t>("port");
  balancer.algorithm = *algorithm;
  balancer.persistence = persistenceOf(parts[3]);
  balancer.options = {milliseconds(fields.number<long>("client")), milliseconds(fields.number<long>("server")),
                      milliseconds(fields.number<long>("connect")), fields.number<int>("retries")};
  balancer.monitor = {backend->check, seconds(fields.number<long>("delay")), seconds(fields.number<long>("timeout")),
                      fields.number<int>("attempts"), std::string(parts[2])};
  readSwitches(parts[4], balancer);
  read.access = parts[5];
  read.page = parts[6];
  read.listener = listenerOf(parts[11]).value_or(0);
  if (read.listener != 0) {
    auto& tls = balancer.tls.emplace();
    tls.port = numberOf<std::uint16_t>(parts[12]).value_or(0);
    tls.secure_only = parts[4].find('e') != parts[4].npos;
  }
  balancer.node_tls.host = fields.text("nodehost");
  balancer.node_tls.ca = fields.text("authority");
  const ThrottleState throttle{numberOf<int>(parts[8]).value_or(-1), numberOf<int>(parts[9]).value_or(-1),
                               fields.number<int>("new"), seconds(fields.number<long>("interval"))};
  if (throttle.interval.count() < 1) return std::nullopt;
  if (balancer.throttle) balancer.throttle = throttle;
  read.baseline = {fields.number<std::int64_t>("in0"),
                   fields.number<std::int64_t>("out0"),
                   fields.number<std::int64_t>("connections0"),
                   fields.number<std::int64_t>("requests0"),
                   {}};
  auto& monitor = balancer.monitor;
  monitor.type = parseMonitorType(fields.text("check")).value_or(MonitorType::Connect);
  monitor.host = unhex(fields.text("host"));
  monitor.status_regex = unhex(fields.text("status"));
  monitor.body_regex = unhex(fields.text("body"));
  const auto statuses = split(fields.text("statuses0"), ',');
  for (std::size_t i = 0; i < std::min(statuses.size(), read.baseline.statuses.size()); ++i)
    read.baseline.statuses[i] = numberOf<std::int64_t>(statuses[i]).value_or(0);
  // Whatever was changed by hand, in any field, is no descriptor of ours.
  if (!fields.good() || read.text() != text) return std::nullopt;
  return read;
}

std::optional<Descriptor> descriptorOf(const ProxyState& state, std::string_view backend) {
  const auto variant = Variant::parse(backend);
  if (!variant) return std::nullopt;
  const auto entry = state.balancers.find(Slot::nameOf(variant->slot));
  if (entry == state.balancers.end()) return std::nullopt;
  auto descriptor = Descriptor::parse(entry->second);
  return descriptor && descriptor->backend == *variant ? descriptor : std::nullopt;
}

}  // namespace libra::sidecar::haproxy
