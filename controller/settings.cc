#include "controller/settings.h"

#include "controller/api/token_file.h"
#include "controller/store/mysql/server.h"
#include "lib/base/files.h"

namespace libra {

namespace {

int number(config::Section& section, std::string_view key, int fallback, int least, int most) {
  return static_cast<int>(section.integer(key, fallback, least, most));
}

std::chrono::seconds seconds(config::Section& section, std::string_view key, std::chrono::seconds fallback, int most) {
  return std::chrono::seconds(section.integer(key, fallback.count(), 1, most));
}

std::vector<NetRange> readRanges(config::Section& section, std::string_view key) {
  std::vector<NetRange> ranges;
  for (const auto& text : section.texts(key)) {
    const auto range = NetRange::parse(text);
    if (range)
      ranges.push_back(*range);
    else
      section.problem(key, "'" + text + "' is no range such as 10.77.9.0/24");
  }
  return ranges;
}

void readApi(config::Section section, Settings::Api& api) {
  api.listen = section.text("listen", "127.0.0.1:8443");
  api.tls.certificate = section.needText("certificate");
  api.tls.key = section.needText("key");
  api.http_threads = number(section, "http_threads", api.http_threads, 1, 64);
  api.workers = number(section, "workers", api.workers, 1, 256);
  api.waiting = number(section, "waiting", api.waiting, 1, 100'000);
  auto& limits = api.limits;
  limits.header_bytes = static_cast<std::size_t>(section.integer("header_bytes", 16 * 1024, 1024, 1024 * 1024));
  limits.body_bytes = static_cast<std::size_t>(section.integer("body_bytes", 1024 * 1024, 1024, 64 * 1024 * 1024));
  limits.connections = number(section, "connections", limits.connections, 1, 100'000);
  api.drain = seconds(section, "drain", api.drain, 300);
}

void readAdmin(config::Section section, const Settings::Api& api, Settings::Admin& admin) {
  admin.listen = section.text("listen", "127.0.0.1:8889");
  admin.tls.certificate = section.text("certificate", api.tls.certificate);
  admin.tls.key = section.text("key", api.tls.key);
  admin.workers = number(section, "workers", admin.workers, 1, 64);
  admin.tenants = section.texts("tenants");
}

std::string readPassword(config::Section& section) {
  const std::string path = section.text("password_file");
  if (path.empty()) return {};
  const auto content = readFile(path, 4096);
  if (!content) section.problem("password_file", content.error().message);
  const std::string password = content ? *content : "";
  return password.substr(0, password.find_last_not_of("\r\n") + 1);
}

void readDatabase(config::Section section, store::mysql::Options& database) {
  database.servers = section.texts("servers");
  if (database.servers.empty()) section.problem("servers", "needs at least one \"host:port\" or \"unix:/path\"");
  for (const auto& server : database.servers)
    if (const auto parsed = store::mysql::Server::parse(server); !parsed)
      section.problem("servers", parsed.error().message);
  database.user = section.needText("user");
  database.password = readPassword(section);
  database.schema = section.text("schema", database.schema);
  database.ca = section.text("ca");
}

void readGearman(config::Section section, Settings& settings) {
  auto& gearman = settings.gearman;
  gearman.servers = section.texts("servers");
  if (gearman.servers.empty()) section.problem("servers", "needs at least one \"host:port\"");
  gearman.clear_text = section.flag("clear_text");
  for (auto [key, file] : {std::pair{"ca", &gearman.ca}, {"certificate", &gearman.certificate}, {"key", &gearman.key}})
    *file = gearman.clear_text ? section.text(key) : section.needText(key);
  settings.pool_messages = section.flag("pool_messages");
  settings.gateway.senders = number(section, "senders", settings.gateway.senders, 1, 64);
}

void readPool(config::Section section, Settings& settings) {
  auto& pool = settings.pool;
  pool.spares = number(section, "spares", pool.spares, 0, 10'000);
  pool.parallel_builds = number(section, "parallel_builds", pool.parallel_builds, 1, 64);
  pool.name_prefix = section.text("name_prefix", pool.name_prefix);
  pool.answer_within = seconds(section, "answer_within", pool.answer_within, 3600);
  settings.provider.zone = section.text("zone");
}

void readProvider(config::Section section, provider::Config& provider) {
  provider.kind = section.oneOf("kind", {"netns", "static", "noop"}, provider.kind);
  provider.socket = provider.kind == "netns" ? section.needText("socket") : section.text("socket");
  for (auto& entry : section.sections("devices")) {
    model::NewDevice device;
    device.name = device.provider_id = entry.needText("name");
    device.address = entry.needText("address");
    if (!device.address.empty() && !NetAddress::parse(device.address)) entry.problem("address", "is no address");
    device.zone = entry.text("zone", provider.zone);
    device.driver = entry.text("driver", "haproxy");
    provider.devices.push_back(std::move(device));
  }
}

void readVips(config::Section section, Settings::Vips& vips) {
  vips.ranges = readRanges(section, "ranges");
  for (const auto& range : vips.ranges)
    if (range.size() > 65536) section.problem("ranges", "a range may hold 65536 addresses at most");
  vips.prefix = number(section, "prefix", vips.prefix, 8, 32);
  vips.prefix6 = number(section, "prefix6", vips.prefix6, 16, 128);
  vips.quarantine = seconds(section, "quarantine", vips.quarantine, 86'400);
}

template <typename T>
void note(std::string& problems, const Result<T>& result) {
  if (!result) problems += (problems.empty() ? "" : "\n") + result.error().message;
}

}  // namespace

Status readSettings(config::File& file, Settings& settings) {
  settings.log_level = file.section("log").text("level", "info");
  readApi(file.section("api"), settings.api);
  readAdmin(file.section("admin"), settings.api, settings.admin);
  settings.token_file = file.section("identity").needText("token_file");
  readDatabase(file.section("database"), settings.database);
  readGearman(file.section("gearman"), settings);
  readPool(file.section("pool"), settings);
  readProvider(file.section("provider"), settings.provider);
  readVips(file.section("vips"), settings.vips);
  auto nodes = file.section("nodes");
  settings.node_filters = readRanges(nodes, "filters");
  auto health = file.section("health");
  settings.node_poll = seconds(health, "node_poll", settings.node_poll, 3600);
  settings.change_deadline = seconds(health, "change_deadline", settings.change_deadline, 86'400);
  return ok();
}

Status checkSettings(const Settings& settings) {
  std::string problems;
  note(problems, tls::serverContext(settings.api.tls));
  note(problems, tls::serverContext(settings.admin.tls));
  note(problems, api::TokenFile::open(settings.token_file));
  const auto& gearman = settings.gearman;
  if (!gearman.clear_text) note(problems, tls::clientContext({gearman.ca, gearman.certificate, gearman.key}));
  note(problems, provider::makeProvider(settings.provider));
  return problems.empty() ? ok() : Status(Error{ErrorCode::Invalid, problems});
}

}  // namespace libra
