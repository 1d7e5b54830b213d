// The API under load: the real HTTP server, TLS, services and a durable database; devices
// are played (bench/played_devices.h) and their rows made ahead, so that what is measured
// is the controller and not how fast machines can be built.

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <thread>

#include "bench/played_devices.h"
#include "bench/running_libra.h"
#include "bench/samples.h"
#include "controller/api/api_server.h"
#include "controller/api/routes.h"
#include "controller/service/device_sync.h"
#include "controller/service/health_monitors.h"
#include "controller/service/nodes.h"
#include "controller/store/mysql/mysql_store.h"
#include "lib/log/log.h"
#include "tests/options/program_options.h"

namespace libra::bench {
namespace {

struct Options {
  std::string database_socket, schema, folder;
  int creates = 3000, gets = 2000, clients = 8, workers = 8;
};

class OneTenant final : public api::Identity {
 public:
  Result<api::Caller> identify(const std::string&) override { return api::Caller{"bench", api::Role::Tenant}; }
};

// The controller's parts as app.cc puts them together, with played devices.
class Controller {
 public:
  explicit Controller(const Options& options)
      : store_(openStore(options)),
        work_("work", options.workers, 10'000),
        server_(dispatcher_, work_, clock_, serving(options)) {
    api::addTenantRoutes(dispatcher_, {load_balancers_, nodes_, monitors_, repeatable_});
    auto listener = http::listenTcp("127.0.0.1:0");
    if (!listener) die(listener.error().message);
    port_ = http::localPort(listener->get());
    if (const auto started = server_.start(listener->get()); !started) die(started.error().message);
  }
  ~Controller() { server_.stop(std::chrono::seconds(1)), work_.stop(); }

  int port() const { return port_; }
  PlayedDevices& devices() { return devices_; }

  void makeRows(int count) {
    const auto made = store_->transact([&](service::Txn& txn) -> Status {
      for (int i = 0; i < count; ++i) {
        model::NewDevice device;
        device.name = "played-" + std::to_string(i);
        device.driver = "haproxy";
        txn.devices().insert(device, clock_.now());
        txn.vips().insert(NetAddress::fromV4(0x0A4D0000U + static_cast<std::uint32_t>(i)), 16);
      }
      return ok();
    });
    if (!made) die("making rows: " + made.error().message + " " + made.error().detail);
  }

  int active() {
    const auto list = load_balancers_.list("bench", false);
    if (!list) die(list.error().message);
    int count = 0;
    for (const auto& lb : *list) count += lb.status == model::LbStatus::Active;
    return count;
  }

 private:
  static std::unique_ptr<service::Store> openStore(const Options& options) {
    const store::mysql::Options database{.servers = {"unix:" + options.database_socket},
                                         .user = "root",
                                         .password = {},
                                         .schema = options.schema,
                                         .ca = {}};
    if (const auto migrated = store::mysql::migrate(database); !migrated) die(migrated.error().message);
    auto store = store::mysql::makeStore(database);
    if (!store) die(store.error().message);
    return std::move(*store);
  }
  static api::ApiServer::Options serving(const Options& options) {
    const tls::Files files{.ca = options.folder + "/ca.pem",
                           .certificate = options.folder + "/api.pem",
                           .key = options.folder + "/api.key"};
    auto tls = tls::ReloadingContext::open(files, tls::ReloadingContext::Role::Server);
    if (!tls) die(tls.error().message);
    return {1, {}, *tls};
  }
  service::Context context() {
    return {.store = joined_,
            .clock = clock_,
            .counters = counters_,
            .leases = leases_,
            .wake = [this](std::int64_t device) { sync_.wake(device); },
            .begin = [this](std::int64_t device, service::DeviceJob job) { sync_.begin(device, std::move(job)); },
            .node_filters = {}};
  }

  std::unique_ptr<service::Store> store_;
  SystemClock clock_;
  service::JoinedStore joined_{*store_};
  service::Counters counters_{joined_};
  const service::LeaseKeeper leases_{*store_, clock_, "bench"};  // nothing is swept here
  PlayedDevices devices_;
  WorkerPool work_;
  service::DeviceSync sync_{
      context(), devices_, [this](std::function<void()> task) { work_.must(std::move(task)); }, {}};
  api::Repeatable repeatable_{joined_, clock_};
  service::LoadBalancers load_balancers_{context()};
  service::Nodes nodes_{context()};
  service::HealthMonitors monitors_{context()};
  OneTenant identity_;
  api::RequestCounters requests_;
  api::Dispatcher dispatcher_{identity_, requests_, clock_};
  api::ApiServer server_;
  int port_ = 0;
};

http::Client clientOf(const Options& options, int port) {
  return http::Client({.base_url = "https://127.0.0.1:" + std::to_string(port) + "/v1.1",
                       .ca_file = options.folder + "/ca.pem",
                       .certificate = {},
                       .key = {},
                       .headers = {{"X-Auth-Token", "bench"}, {"Content-Type", "application/json"}}});
}

// One request, timed; anything but `status` ends the run.
http::Response timed(http::Client& client, Samples& samples, int status, const char* method, const std::string& path,
                     const std::string& body = {}) {
  const double start = nowMs();
  auto response = client.send(method, path, body);
  samples.add(nowMs() - start);
  if (!response) die(response.error().message);
  if (response->status != status)
    die(std::string(method) + " " + path + ": " + std::to_string(response->status) + " " + response->body);
  return *response;
}

constexpr const char* kBody =
    R"({"name":"bench","nodes":[{"address":"10.1.0.1","port":80},{"address":"10.1.0.2","port":80}]})";

// All clients post at once; their times together.
Samples postAll(const Options& options, int port, int count) {
  std::vector<Samples> each(static_cast<std::size_t>(options.clients));
  std::vector<std::thread> threads;
  for (auto& samples : each)
    threads.emplace_back([&, share = count / options.clients] {
      auto client = clientOf(options, port);
      for (int i = 0; i < share; ++i) timed(client, samples, 202, "POST", "/loadbalancers", kBody);
    });
  for (auto& thread : threads) thread.join();
  Samples all;
  for (const auto& samples : each) all.add(samples);
  return all;
}

// What the store port does not offer; the answer's last line.
std::string sql(const Options& options, const std::string& statement) {
  const std::string command =
      "mariadb --socket=" + options.database_socket + " --user=root -N " + options.schema + " -e \"" + statement + "\"";
  FILE* pipe = ::popen(command.c_str(), "r");
  char line[256] = "";
  while (pipe != nullptr && std::fgets(line, sizeof line, pipe) != nullptr) continue;
  if (pipe == nullptr || ::pclose(pipe) != 0) die("the database refused: " + statement);
  return line;
}

long commitsSoFar(const Options& options) {
  long commits = -1;
  const std::string line = sql(options, "SHOW GLOBAL STATUS LIKE 'Com_commit'");
  if (std::sscanf(line.c_str(), "Com_commit %ld", &commits) != 1) die("the database's commits could not be counted");
  return commits;
}

void run(const Options& options) {
  log::setLevel(log::Level::Error);
  Controller controller(options);
  sql(options, "UPDATE global_limits SET value = 1000000 WHERE name = 'maxLoadBalancers'");  // one tenant has them all
  const int hundred = 100;
  controller.makeRows(hundred + options.creates);
  std::printf("%d device and VIP rows made ahead; devices are played and read every payload\n",
              hundred + options.creates);

  auto client = clientOf(options, controller.port());
  Samples first, one, list;
  std::string id;
  for (int i = 0; i < hundred; ++i) {
    const auto made = json::parse(timed(client, first, 202, "POST", "/loadbalancers", kBody).body);
    id = (*made)["id"].text();
  }
  for (int i = 0; i < options.gets; ++i) timed(client, one, 200, "GET", "/loadbalancers/" + id);
  for (int i = 0; i < options.gets / 4; ++i) timed(client, list, 200, "GET", "/loadbalancers");
  printHeader("API over TLS, kept connections");
  printRow("GET one load balancer", one);
  printRow("GET the list of 100", list);
  printRow("POST, one client", first);

  const long commits = commitsSoFar(options);
  const double start = nowMs();
  const Samples posts = postAll(options, controller.port(), options.creates);
  const double seconds = (nowMs() - start) / 1e3;
  printRow("POST, " + std::to_string(options.clients) + " clients", posts);
  std::printf("  %.0f POST/s\n", static_cast<double>(posts.size()) / seconds);

  const int wanted = hundred + static_cast<int>(posts.size());
  for (const double give_up = nowMs() + 60'000; controller.active() < wanted;) {
    if (nowMs() > give_up)
      die("only " + std::to_string(controller.active()) + " of " + std::to_string(wanted) + " became ACTIVE");
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  std::printf(
      "  all %d ACTIVE %.1f s after the first POST; %d states applied by devices, %d refused; %.2f commits each\n",
      wanted, (nowMs() - start) / 1e3, controller.devices().applied(), controller.devices().refused(),
      static_cast<double>(commitsSoFar(options) - commits) / static_cast<double>(posts.size()));
  if (controller.devices().refused() > 0) die("a device refused a state");
}

}  // namespace
}  // namespace libra::bench

int main(int argc, char** argv) {
  libra::bench::Options options;
  libra::ProgramOptions given("Measures the API with played devices on a durable database");
  given.need("--database-socket", options.database_socket);
  given.need("--schema", options.schema, "an empty database");
  given.need("--folder", options.folder, "ca.pem, api.pem, api.key");
  given.take("--creates", options.creates);
  given.take("--gets", options.gets);
  given.take("--clients", options.clients);
  given.take("--workers", options.workers);
  if (const auto code = given.read(argc, argv)) return *code;
  libra::bench::run(options);
}
