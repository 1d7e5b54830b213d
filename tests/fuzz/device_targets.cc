// What a device hears: jobs from the controller, replies of HAProxy.

#include "lib/protocol/device_answer.h"
#include "lib/protocol/device_report.h"
#include "lib/tls/bundle.h"
#include "sidecar/haproxy/descriptor.h"
#include "sidecar/haproxy/live_state.h"
#include "sidecar/haproxy/servers_state.h"
#include "sidecar/haproxy/slots.h"
#include "sidecar/haproxy/stats_csv.h"
#include "sidecar/haproxy/words.h"
#include "tests/fuzz/targets.h"

namespace libra::fuzz {

namespace {

using namespace sidecar::haproxy;

// What was understood is what would be sent for it.
void job(std::string_view bytes) {
  const auto read = protocol::readJob(bytes);
  (void)protocol::checkArchive(read.request);
  (void)protocol::acknowledged(read.request);
  const auto update = protocol::readUpdate(read.request);
  const auto* state = std::get_if<protocol::DeviceState>(&update);
  if (state == nullptr || state->generation == 0) return;
  const auto again = protocol::readUpdate(protocol::writeUpdate(*state));
  require(std::holds_alternative<protocol::DeviceState>(again) && std::get<protocol::DeviceState>(again) == *state);
}

void stateFile(std::string_view bytes) { (void)protocol::readStateFile(bytes); }

void answer(std::string_view bytes) {
  const auto read = protocol::readAnswer(bytes);
  if (!read) return;
  const auto period = protocol::readUsage(read->body);
  if (!period) return;
  const auto again = protocol::readUsage(protocol::withUsage(json::Value::object(), *period));
  require(again && again->sequence == period->sequence && again->start == period->start && again->end == period->end);
}

void stats(std::string_view bytes) {
  const auto table = StatsTable::parse(bytes);
  if (!table) return;
  for (std::size_t row = 0; row < table->size(); ++row) {
    (void)table->text(row, "pxname");
    (void)table->number(row, "scur");
  }
}

void serversState(std::string_view bytes) { (void)parseServersState(bytes); }

void map(std::string_view bytes) { (void)parseMap(bytes); }

void descriptor(std::string_view bytes) {
  const auto read = Descriptor::parse(bytes);
  if (!read) return;
  const auto again = Descriptor::parse(read->text());
  require(again && again->text() == read->text());
}

void names(std::string_view bytes) {
  if (const auto variant = Variant::parse(bytes)) require(Variant::parse(variant->name()) == variant);
  if (const auto server = ServerName::parse(bytes)) require(ServerName::parse(server->text()) == server);
  if (const auto end = readEndpoint(bytes)) require(readEndpoint(endpoint(end->address, end->port)) == end);
  (void)commandWord(bytes);
  require(urlPath(urlPath(bytes)) == urlPath(bytes));
}

// A tenant's certificate, the chain and the key, a NUL between them; what is left of them is
// understood again, and is the same.
void tenantTls(std::string_view bytes) {
  const auto first = bytes.find('\0'), second = bytes.find('\0', first == bytes.npos ? first : first + 1);
  if (second == bytes.npos) return (void)tls::understoodAuthorities(std::string(bytes));
  tls::Bundle given{std::string(bytes.substr(0, first)), std::string(bytes.substr(first + 1, second - first - 1)),
                    Secret(std::string(bytes.substr(second + 1)))};
  const auto read = tls::understood(given);
  if (!read) return;
  const auto again = tls::understood(*read);
  require(again && again->certificate == read->certificate && again->intermediates == read->intermediates &&
          again->key == read->key);
}

}  // namespace

std::map<std::string_view, Target> deviceTargets() {
  return {{"job", job},
          {"state-file", stateFile},
          {"answer", answer},
          {"haproxy-stats", stats},
          {"haproxy-servers", serversState},
          {"haproxy-map", map},
          {"haproxy-descriptor", descriptor},
          {"haproxy-names", names},
          {"tenant-tls", tenantTls}};
}

}  // namespace libra::fuzz
