// Our nginx modules against stock nginx: the workers' processor time per request beside the
// stock round-robin upstream, and changes at run time beside `nginx -s reload`.

#include <sys/socket.h>

#include <cstdio>
#include <fstream>

#include "bench/contest.h"
#include "bench/own_nginx.h"
#include "bench/pairs.h"
#include "bench/running_libra.h"
#include "bench/written_nginx.h"
#include "lib/base/handles.h"
#include "sidecar/make_driver.h"
#include "sidecar/nginx/control_socket.h"
#include "tests/options/program_options.h"
#include "tests/traffic/http_probe.h"
#include "tests/traffic/patient_backend.h"

namespace libra::bench {
namespace {

constexpr double kBudget = 0.03;
constexpr std::chrono::milliseconds kNodeDelay{2};  // of the nodes while changes are made

// CPU per request

protocol::DeviceState oneOf(Protocol protocol, std::uint16_t port, std::uint16_t backend) {
  protocol::LoadBalancerState lb;
  lb.id = "1";
  lb.protocol = protocol;
  lb.port = port;
  for (const char* id : {"1", "2"}) lb.nodes.push_back({id, *NetAddress::parse("127.0.0.1"), backend});
  return {1, {lb}, {}, false};
}

// Returns whether the budget holds, or cannot be said to be broken.
bool compare(const std::string& modules, Protocol protocol, int pairs, const Load& load) {
  const traffic::PatientBackend node(std::chrono::milliseconds(0));
  const auto own_port = freePort(), stock_port = freePort();
  const Folder own_folder, stock_folder;
  const auto control = own_folder / "control.sock";
  std::ofstream(own_folder / "nginx.conf") << ownNginx(modules, control);
  std::ofstream(stock_folder / "nginx.conf") << writtenNginx(oneOf(protocol, stock_port, node.port()));
  const OwnNginx own(own_folder.path()), stock(stock_folder.path());
  const SystemClock clock;
  const auto state = json::parse(ownState(oneOf(protocol, own_port, node.port())));
  if (const auto put = sidecar::nginx::ControlSocket(control, clock).put("/state", *state); !put)
    die(put.error().detail);

  const Contender ours{"ours", own_port, [&] { return own.cpuMicros(); }};
  const Contender theirs{"stock", stock_port, [&] { return stock.cpuMicros(); }};
  Pairs measured(load);
  measured.measure(ours, theirs, pairs);
  const auto comparison = measured.comparison();
  std::printf(
      "%s, %d pairs of %lld ms, %d clients%s\n", protocol == Protocol::Http ? "http" : "stream", pairs,
      static_cast<long long>(load.length.count()), load.clients,
      load.habit == traffic::Habit::Kept ? " that keep their connections" : ", each request on a new connection");
  print(comparison, ours.name, theirs.name);
  const bool good = comparison.low - 1 <= kBudget;
  std::printf("%s: at most %.0f %% more CPU\n", good ? "held" : "NOT HELD", 100 * kBudget);
  return good;
}

// Changes

// Connections through a TCP load balancer, each idle from its first answer to the end.
class LongSessions {
 public:
  explicit LongSessions(std::uint16_t port) : port_(port) {}

  void openOne() {
    sockaddr_storage to;
    const auto size = traffic::socketAddress(*NetAddress::parse("127.0.0.1"), port_, to);
    Fd session(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    constexpr std::string_view kRequest = "GET / HTTP/1.1\r\nHost: long\r\n\r\n";
    char answer[512];
    if (::connect(session.get(), reinterpret_cast<const sockaddr*>(&to), size) != 0 ||
        ::send(session.get(), kRequest.data(), kRequest.size(), MSG_NOSIGNAL) <= 0 ||
        ::recv(session.get(), answer, sizeof answer, 0) <= 0)
      die("no session through the TCP load balancer");
    sessions_.push_back(std::move(session));
  }

 private:
  const std::uint16_t port_;
  std::vector<Fd> sessions_;
};

struct Finding {
  Outcome outcome;
  double megabyte = 0;
  std::size_t workers = 0;
};

// What nginx can be asked for by both; health checks are nothing to stock nginx.
std::vector<Change> changesOfNginx() {
  auto changes = allChanges();
  std::erase_if(changes, [](const Change& change) { return change.name == "another monitor path"; });
  return changes;
}

struct Arena {
  std::uint16_t backend;
  int nodes, rounds;
  std::uint16_t http = freePort(), second = freePort(), tcp = freePort();

  Balancers balancers() const {
    Balancers made({http, second}, backend, nodes);
    auto long_lived = oneOf(Protocol::Tcp, tcp, backend).load_balancers.front();
    long_lived.id = "3";
    for (auto& node : long_lived.nodes) node.id = "30" + node.id;
    made.state.load_balancers.push_back(long_lived);
    made.state.generation = 1;
    return made;
  }
};

Finding contest(const OwnNginx& nginx, const Arena& arena, const Way& way) {
  LongSessions sessions(arena.tcp);
  const Way with_sessions = [&](const protocol::DeviceState& state) {
    way(state);
    sessions.openOne();
  };
  Finding found{measure(with_sessions, arena.balancers(), changesOfNginx(), arena.rounds), 0, 0};
  found.megabyte = nginx.workersMegabyte();
  found.workers = nginx.workers();
  return found;
}

// So many weights in a row, while clients ask.
Samples updates(sidecar::Driver& driver, Balancers balancers, int count) {
  const traffic::Crowd crowd(traffic::Habit::Kept, 8, {balancers.lb().port});
  if (!crowd.waitForEach(2)) die("no traffic");
  Samples samples;
  for (int i = 0; i < count; ++i) {
    balancers.lb().nodes.front().weight = 2 + i % 2;
    ++balancers.state.generation;
    const double begun = nowMs();
    if (const auto applied = driver.apply(balancers.state); !applied) die(applied.error().detail);
    samples.add(nowMs() - begun);
  }
  return samples;
}

Finding byOurDriver(const std::string& modules, const Arena& arena, int update_count) {
  const Folder folder;
  sidecar::DriverConfig config;
  config.directory = folder.path();
  config.stats_socket = folder / "control.sock";
  config.binary = "/usr/sbin/nginx";
  config.modules = modules;
  if (const auto written = sidecar::writeBaseConfig("nginx", config); !written) die(written.error().detail);
  const OwnNginx nginx(folder.path());
  const SystemClock clock;
  const auto driver = sidecar::makeDriver("nginx", config, clock);
  if (!driver) die(driver.error().detail);
  const Way way = [&](const protocol::DeviceState& state) {
    if (const auto applied = (*driver)->apply(state); !applied) die(applied.error().detail);
  };
  way(arena.balancers().state);
  auto found = contest(nginx, arena, way);
  auto later = arena.balancers();
  later.state.generation += 1'000;
  printHeader("ours, of the update of a weight under load");
  printRow("until all workers have it", updates(**driver, later, update_count));
  return found;
}

Finding byReload(const Arena& arena) {
  const Folder folder;
  const auto write = [&](const protocol::DeviceState& state) {
    std::ofstream(folder / "nginx.conf") << writtenNginx(state);
  };
  write(arena.balancers().state);
  const OwnNginx nginx(folder.path());
  return contest(nginx, arena, [&](const protocol::DeviceState& state) {
    write(state);
    nginx.reload();
  });
}

bool compareChanges(const std::string& modules, int nodes, int rounds, int update_count) {
  const traffic::PatientBackend backend(kNodeDelay);
  const auto ours = byOurDriver(modules, {backend.port(), nodes, rounds}, update_count);
  const auto reload = byReload({backend.port(), nodes, rounds});
  print(ours.outcome, reload.outcome);
  std::printf("%-26s %12.1f %12s %12.1f %7.1fx   (%zu and %zu workers)\n", "the workers' memory, MB", ours.megabyte, "",
              reload.megabyte, reload.megabyte / ours.megabyte, ours.workers, reload.workers);
  return ours.outcome.failed == 0;
}

}  // namespace
}  // namespace libra::bench

int main(int argc, char** argv) {
  using namespace libra;
  int pairs = 21, length = 500, nodes = 50, rounds = 3, update_count = 500;
  std::string modules;
  libra::ProgramOptions given("Measures our nginx modules against stock nginx");
  given.need("--modules", modules, "the folder of ours");
  given.takeBetween(15, 1000, "--pairs", pairs);
  given.take("--ms", length, "of each half of a pair");
  given.take("--nodes", nodes, "of the load balancer that is changed");
  given.take("--rounds", rounds, "of all seven changes");
  given.take("--updates", update_count, "whose time is taken by itself");
  if (const auto code = given.read(argc, argv)) return *code;
  const std::chrono::milliseconds half(length);
  const bool http = bench::compare(modules, Protocol::Http, pairs, {traffic::Habit::Kept, 16, half});
  const bool stream = bench::compare(modules, Protocol::Tcp, pairs, {traffic::Habit::NewEachTime, 8, half});
  const bool whole = bench::compareChanges(modules, nodes, rounds, update_count);
  return http && stream && whole ? 0 : 1;
}
