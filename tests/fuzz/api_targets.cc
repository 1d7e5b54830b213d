// What tenants and operators send: requests, bodies, tokens.

#include <fstream>

#include "controller/api/admin_codec.h"
#include "controller/api/codec.h"
#include "controller/api/token_file.h"
#include "lib/base/ids.h"
#include "lib/http/parser.h"
#include "lib/http/router.h"
#include "lib/json/value.h"
#include "lib/regex/pattern.h"
#include "tests/fuzz/targets.h"

namespace libra::fuzz {

namespace {

void json(std::string_view bytes) {
  const auto value = json::parse(bytes);
  if (!value) return;
  const auto again = json::parse(json::dump(*value, true));
  require(again && json::dump(*again) == json::dump(*value));
}

void bodies(std::string_view bytes) {
  using namespace api::codec;
  (void)readLoadBalancer(bytes);
  (void)readLoadBalancerChange(bytes);
  (void)readNodes(bytes);
  (void)readNodeChange(bytes);
  (void)readMonitor(bytes);
  (void)readLogArchive(bytes);
}

void adminBodies(std::string_view bytes) {
  using namespace api::codec;
  (void)readNewDevice(bytes);
  (void)readDeviceReport(bytes);
  (void)readMaintenance(bytes);
  (void)readLimits(bytes);
  (void)readTenantLimit(bytes);
  (void)readUser(bytes);
  (void)readLevel(bytes);
}

struct Heard {
  http::RequestParser::State state;
  int refusal;
  std::string path, body;
  bool operator==(const Heard&) const = default;
};

Heard hear(std::string_view bytes, std::size_t piece) {
  http::RequestParser parser(4096, 4096);
  while (!bytes.empty()) {
    const auto taken = parser.feed(bytes.substr(0, piece));
    bytes.remove_prefix(taken);
    if (parser.state() == http::RequestParser::State::Refused || parser.state() == http::RequestParser::State::Complete)
      break;
  }
  const auto state = parser.state();
  const auto request = parser.take();
  return {state, parser.refusal(), request.path, request.body};
}

// However its bytes arrive, a request is the same.
void http(std::string_view bytes) { require(hear(bytes, bytes.size()) == hear(bytes, 1)); }

void pathAndQuery(std::string_view bytes) {
  static const auto table = [] {
    http::RouteTable routes;
    routes.add("GET", "/v1.1/loadbalancers/{lb}/nodes/{node}");
    routes.add("POST", "/v1.1/loadbalancers");
    return routes;
  }();
  const auto cut = bytes.find('?');
  http::Request request;
  request.path = bytes.substr(0, cut);
  request.query = cut == bytes.npos ? "" : bytes.substr(cut + 1);
  (void)table.match("GET", request.path);
  (void)request.parameters();
  const auto decoded = http::percentDecode(request.path);
  if (decoded) require(http::percentDecode(http::percentEncode(*decoded)) == decoded);
}

void tokens(std::string_view bytes) {
  static const std::string path = "/dev/shm/libra-fuzz-tokens-" + randomHex(4);
  std::ofstream(path, std::ios::trunc) << bytes;
  const auto file = api::TokenFile::open(path);
  if (file) (void)(*file)->identify("token");
  (void)::remove(path.c_str());
}

void pattern(std::string_view bytes) {
  const auto compiled = Pattern::compile(std::string(bytes));
  if (compiled) (void)compiled->foundIn(bytes);
}

}  // namespace

std::map<std::string_view, Target> apiTargets() {
  return {{"json", json},         {"bodies", bodies}, {"admin-bodies", adminBodies}, {"http", http},
          {"path", pathAndQuery}, {"tokens", tokens}, {"pattern", pattern}};
}

}  // namespace libra::fuzz
