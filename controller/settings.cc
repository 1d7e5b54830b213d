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
  api.queue_changes = section.oneOf("immutable", {"refuse", "queue"}, "refuse") == "queue";
}

void readAdmin(config::Section section, const Settings::Api& api, Settings::Admin& admin) {
  admin.listen = section.text("listen", "127.0.0.1:8889");
  admin.tls.certificate = section.text("certificate", api.tls.certificate);
  admin.tls.key = section.text("key", api.tls.key);
  admin.workers = number(section, "workers", admin.workers, 1, 64);
  admin.tenants = section.texts("tenants");
}

// What a file holds that is named here, without its line's end.
std::string readSecret(config::Section& section, std::string_view key) {
  const std::string path = section.text(key);
  if (path.empty()) return {};
  const auto content = readFile(path, 4096);
  if (!content) section.problem(key, content.error().message);
  const std::string secret = content ? *content : "";
  return secret.substr(0, secret.find_last_not_of("\r\n") + 1);
}

void readDatabase(config::Section section, store::mysql::Options& database) {
  database.servers = section.texts("servers");
  if (database.servers.empty()) section.problem("servers", "needs at least one \"host:port\" or \"unix:/path\"");
  for (const auto& server : database.servers)
    if (const auto parsed = store::mysql::Server::parse(server); !parsed)
      section.problem("servers", parsed.error().message);
  database.user = section.needText("user");
  database.password = readSecret(section, "password_file");
  database.schema = section.text("schema", database.schema);
  database.ca = section.text("ca");
  database.causal_reads = section.flag("causal_reads", database.causal_reads);
  database.statement_timeout = seconds(section, "statement_timeout", database.statement_timeout, 3600);
  database.patience = seconds(section, "patience", std::chrono::ceil<std::chrono::seconds>(database.patience), 3600);
  database.failback = seconds(section, "failback", database.failback, 86'400);
}

void readGearman(config::Section section, Settings& settings) {
  auto& gearman = settings.gearman;
  gearman.servers = section.texts("servers");
  if (gearman.servers.empty()) section.problem("servers", "needs at least one \"host:port\"");
  gearman.clear_text = section.flag("clear_text");
  settings.gateway.sealed = section.flag("sealed", !gearman.clear_text);
  for (auto [key, file] : {std::pair{"ca", &gearman.ca}, {"certificate", &gearman.certificate}, {"key", &gearman.key}})
    *file = gearman.clear_text && !settings.gateway.sealed ? section.text(key) : section.needText(key);
  settings.pool_messages = section.flag("pool_messages");
  settings.gateway.senders = number(section, "senders", settings.gateway.senders, 1, 64);
}

void readPool(config::Section section, Settings& settings) {
  auto& pool = settings.pool;
  auto& wanted = pool.wanted;
  wanted.spares = number(section, "spares", wanted.spares, 0, 10'000);
  wanted.zones = section.texts("zones", {section.text("zone")});
  wanted.host_groups = section.texts("host_groups");
  if (wanted.zones.empty()) section.problem("zones", "names no zone");
  pool.parallel_builds = number(section, "parallel_builds", pool.parallel_builds, 1, 64);
  pool.name_prefix = section.text("name_prefix", pool.name_prefix);
  pool.answer_within = seconds(section, "answer_within", pool.answer_within, 3600);
  pool.stranger_after = seconds(section, "stranger_after", pool.stranger_after, 86'400);
  pool.checks.every = seconds(section, "check_every", pool.checks.every, 86'400);
  settings.provider.zone = wanted.zones.empty() ? "" : wanted.zones.front();
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
    device.host_group = entry.text("host_group");
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

// Without `listen` devices are not watched.
void readWatch(config::Section section, const gear::Connection& gearman, Settings::Watch& watch) {
  const auto listen = section.text("listen");
  watch.tls.ca = section.text("ca", gearman.ca);
  watch.tls.certificate = section.text("certificate", gearman.certificate);
  watch.tls.key = section.text("key", gearman.key);
  const Millis interval(section.integer("interval", 50, 5, 10'000));
  const auto port = static_cast<std::uint16_t>(section.integer("management_port", 9080, 1, 65535));
  if (listen.empty()) return;
  const auto at = heartbeat::Endpoint::parse(listen);
  if (!at) return section.problem("listen", "'" + listen + "' is no address:port");
  if (watch.tls.ca.empty() || watch.tls.certificate.empty() || watch.tls.key.empty())
    return section.problem("listen", "needs ca, certificate and key, here or in [gearman]");
  watch.options = {.listen = *at, .timing = {.interval = interval}, .management_port = port};
}

void readBreaker(config::Section section, service::Breaker::Options& breaker) {
  breaker.free_moves = number(section, "free_moves", breaker.free_moves, 1, 100'000);
  breaker.free_share = number(section, "free_percent", 2, 0, 100) / 100.0;
  breaker.window = seconds(section, "window", breaker.window, 3600);
  breaker.pause = Millis(section.integer("pause", breaker.pause.count(), 1, 3'600'000));
  breaker.domain_pause = Millis(section.integer("domain_pause", breaker.domain_pause.count(), 1, 3'600'000));
}

void readEnrolment(config::Section section, Settings& settings) {
  if (!section.present()) return;
  auto& enrolment = settings.enrolment;
  enrolment.url = section.needText("url");
  enrolment.ca = section.text("ca", settings.gearman.ca);
  enrolment.ca_key = section.needText("ca_key");
  enrolment.invitations = section.text("invitations", "/var/lib/libra/invitations");
  enrolment.group = section.text("group", enrolment.group);
  enrolment.days = number(section, "days", enrolment.days, 1, 3650);
  enrolment.job_servers = section.texts("job_servers", settings.gearman.servers);
  const auto& watch = settings.watch.options;
  enrolment.controllers =
      section.texts("controllers", watch ? std::vector{watch->listen.str()} : std::vector<std::string>{});
}

void readAlerts(config::Section section, Settings& settings) {
  auto& kinds = settings.alerts.kinds;
  const auto chosen = section.texts("kinds", {kinds.begin(), kinds.end()});
  kinds = {chosen.begin(), chosen.end()};
  auto& webhook = settings.webhook;
  webhook.url = section.text("webhook");
  webhook.ca = section.text("ca");
  webhook.token = readSecret(section, "token_file");
  webhook.timeout = seconds(section, "timeout", std::chrono::seconds(5), 60);
  if (!webhook.url.empty() && !webhook.url.starts_with("https://") && !webhook.url.starts_with("http://"))
    section.problem("webhook", "'" + webhook.url + "' is no http(s) address");
}

void readKeep(config::Section section, service::Expunge::Options& keep) {
  keep.deleted = number(section, "deleted", keep.deleted, 0, 36'500);
  keep.journal = number(section, "journal", keep.journal, 0, 36'500);
  keep.usage = number(section, "usage", keep.usage, 0, 36'500);
}

// The same for all controllers of a database.
void readLeases(config::Section section, service::LeaseKeeper::Options& leases) {
  leases.beat = Millis(section.integer("beat", leases.beat.count(), 50, 60'000));
  leases.stop_after = Millis(section.integer("stop_after", leases.stop_after.count(), 100, 600'000));
  leases.take_after = Millis(section.integer("take_after", leases.take_after.count(), 100, 600'000));
  if (leases.stop_after < 2 * leases.beat) section.problem("stop_after", "must be twice the beat at least");
  if (leases.take_after <= leases.stop_after) section.problem("take_after", "must be longer than stop_after");
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
  readWatch(file.section("watch"), settings.gearman, settings.watch);
  readBreaker(file.section("breaker"), settings.breaker);
  readEnrolment(file.section("enrolment"), settings);
  readAlerts(file.section("alerts"), settings);
  readKeep(file.section("keep"), settings.keep);
  readLeases(file.section("leases"), settings.leases);
  auto nodes = file.section("nodes");
  settings.node_filters = readRanges(nodes, "filters");
  auto health = file.section("health");
  settings.node_poll = seconds(health, "node_poll", settings.node_poll, 3600);
  settings.usage_every = seconds(health, "usage_every", settings.usage_every, 86'400);
  settings.change_deadline = seconds(health, "change_deadline", settings.change_deadline, 86'400);
  return ok();
}

Status checkSettings(const Settings& settings) {
  std::string problems;
  note(problems, tls::serverContext(settings.api.tls));
  note(problems, tls::serverContext(settings.admin.tls));
  note(problems, api::TokenFile::open(settings.token_file));
  const auto& gearman = settings.gearman;
  if (!gearman.clear_text || settings.gateway.sealed)
    note(problems, tls::clientContext({gearman.ca, gearman.certificate, gearman.key}));
  note(problems, provider::makeProvider(settings.provider));
  return problems.empty() ? ok() : Status(Error{ErrorCode::Invalid, problems});
}

}  // namespace libra
