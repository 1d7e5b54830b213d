#include "sidecar/haproxy/descriptor.h"

#include <fmt/format.h>

#include <array>
#include <map>
#include <vector>

#include "sidecar/haproxy/words.h"

namespace libra::sidecar::haproxy {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

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

// Reads the named fields after the positional ones; remembers whether any was wrong.
class Fields {
 public:
  explicit Fields(const std::vector<std::string_view>& parts) {
    for (std::size_t i = 4; i < parts.size(); ++i) {
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

std::string Descriptor::text() const {
  const auto& o = balancer.options;
  const auto& m = balancer.monitor;
  return fmt::format(
      "{}|{}|{}|{}|lb={}|protocol={}|port={}|algorithm={}|client={}|server={}|connect={}|retries={}|delay={}|timeout={}"
      "|attempts={}"
      "|in0={}|out0={}|connections0={}|requests0={}",
      backend.name(), effective(o.server_timeout).count(), m.path,
      word(balancer.persistence.value_or(defaultPersistence(balancer.protocol))), balancer.id,
      libra::name(balancer.protocol), balancer.port, libra::name(balancer.algorithm), o.client_timeout.count(),
      o.server_timeout.count(), o.connect_timeout.count(), o.retries, m.delay.count(), m.timeout.count(), m.attempts,
      baseline.bytes_in, baseline.bytes_out, baseline.connections, baseline.requests);
}

std::optional<Descriptor> Descriptor::parse(std::string_view text) {
  const auto parts = split(text, '|');
  if (parts.size() < 4) return std::nullopt;
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
  read.baseline = {fields.number<std::int64_t>("in0"), fields.number<std::int64_t>("out0"),
                   fields.number<std::int64_t>("connections0"), fields.number<std::int64_t>("requests0")};
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
