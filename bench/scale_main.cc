// What it costs one controller to watch ten thousand devices, and whether it still notices a
// dead one as soon: simulated sidecars over real TLS and UDP on loopback.

#include <sys/resource.h>

#include <cstdio>
#include <filesystem>

#include "bench/many_sidecars.h"
#include "bench/running_libra.h"
#include "bench/samples.h"
#include "controller/watch/fleet.h"
#include "lib/base/files.h"
#include "lib/heartbeat/receiver.h"
#include "lib/log/log.h"
#include "tests/options/program_options.h"

namespace libra::bench {
namespace {

double cpuMs() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto ms = [](const timeval& t) {
    return 1e3 * static_cast<double>(t.tv_sec) + 1e-3 * static_cast<double>(t.tv_usec);
  };
  return ms(used.ru_utime) + ms(used.ru_stime);
}

// A controller's listener and verdicts, without what follows from them.
class Watcher : watch::Fleet::Orders {
 public:
  Watcher(Millis interval, const tls::Files& files) {
    timing_.interval = interval;
    auto context = tls::ReloadingContext::open(files, tls::ReloadingContext::Role::MutualServer);
    if (!context) die(context.error().detail);
    auto opened = heartbeat::Receiver::open(
        loop_, clock_, {.listen = {*NetAddress::parse("127.0.0.1"), 0}, .interval = interval}, *context,
        {.connected = [this](const std::string& device) -> heartbeat::Pulse& {
           auto& pulse = fleet_.connected(device);
           turn();
           return pulse;
         },
         .holds = [](const std::string&, const std::vector<heartbeat::HeldVip>&) {},
         .proxy_lost = [](const std::string&) {},
         .closed = [this](const std::string& device) { fleet_.closed(device), turn(); }});
    if (!opened) die(opened.error().detail);
    receiver_ = *std::move(opened);
  }

  int port() const { return receiver_->port(); }
  std::size_t connections() const { return receiver_->connections(); }
  heartbeat::Receiver::Counts counts() { return receiver_->counts(); }
  int lateTurns() const { return fleet_.lateTurns(); }
  int verdicts() const { return verdicts_; }
  double lastVerdictMs() const { return last_verdict_ms_; }

  // Until `done`, which is asked each few milliseconds.
  void runUntil(const std::function<bool()>& done) {
    Timer look(loop_, [&] {
      if (done()) loop_.stop();
    });
    look.every(Millis(5));
    loop_.run();
  }

 private:
  void turn() {
    const Instant next = fleet_.turn();
    if (next == Instant::max()) return turn_.cancel();
    turn_.once(std::max(Millis(0), std::chrono::ceil<Millis>(next - clock_.monotonic())));
  }
  void probe(const std::string& device) override { receiver_->probe(device); }
  void ask(const std::string&) override {}  // there is no proxy: no answer
  void lost(const std::string&, watch::Evidence, Instant) override { ++verdicts_, last_verdict_ms_ = nowMs(); }
  void returned(const std::string&) override {}

  SystemClock clock_;
  EventLoop loop_;
  watch::Timing timing_;
  watch::Fleet fleet_{clock_, timing_, *this};
  std::unique_ptr<heartbeat::Receiver> receiver_;
  Timer turn_{loop_, [this] { turn(); }};
  int verdicts_ = 0;
  double last_verdict_ms_ = 0;
};

// The fleet's beats for `seconds`, and what they cost.
void measureCost(Watcher& watcher, int devices, Millis interval, int seconds) {
  const auto before = watcher.counts();
  const double cpu = cpuMs(), begin = nowMs();
  watcher.runUntil([&] { return nowMs() - begin > 1e3 * seconds; });
  const double took = nowMs() - begin;
  const auto after = watcher.counts();
  const double wanted = devices * took / static_cast<double>(interval.count());
  const double came = static_cast<double>(after.beats - before.beats);
  std::printf("  %-44s %9.1f %% of a core\n", "the watcher", 100 * (cpuMs() - cpu) / took);
  std::printf("  %-44s %9.0f of %.0f a second (the rest was not sent)\n", "beats", 1e3 * came / took,
              1e3 * wanted / took);
  std::printf("  %-44s %9.1f ms; late beats %llu, refused %llu, late turns %d\n", "worst delay of a beat",
              static_cast<double>(after.worst_delay.count()) / 1e3,
              static_cast<unsigned long long>(after.late - before.late),
              static_cast<unsigned long long>(after.refused - before.refused), watcher.lateTurns());
}

// One device of its own process freezes, again and again.
void measureDetection(Watcher& watcher, const ManySidecars& victim, int times) {
  Samples detection;
  for (int i = 0; i < times; ++i) {
    const int before = watcher.verdicts();
    const double struck = nowMs() + 300 + std::rand() % 100;
    watcher.runUntil([&] { return nowMs() >= struck; });
    victim.freeze(true);
    const double frozen = nowMs();
    watcher.runUntil([&] { return watcher.verdicts() > before || nowMs() - frozen > 5000; });
    if (watcher.verdicts() == before) die("a frozen device was not noticed");
    detection.add(watcher.lastVerdictMs() - frozen);
    victim.freeze(false);
  }
  printHeader("detection, device frozen to verdict");
  printRow("among all the others", detection);
}

void run(int devices, Millis interval, int seconds, int times) {
  const rlimit files{1 << 17, 1 << 17};
  ::setrlimit(RLIMIT_NOFILE, &files);
  const auto folder = std::filesystem::temp_directory_path() / ("libra-scale-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  const auto authority = tls::createAuthority("scale", tls::validFor(std::chrono::system_clock::now(), 1));
  if (!authority || !replaceFile(folder / "ca.crt", authority->certificate)) die("no authority");
  {
    Watcher watcher(interval, issued(*authority, folder, "controller", "libra:controller"));
    const double begin = nowMs();
    // Two processes, for each device has two files open and a process may have 20,000 here.
    const ManySidecars crew(*authority, {folder, "device", devices / 2, watcher.port()});
    const ManySidecars others(*authority, {folder, "other", devices - devices / 2, watcher.port()});
    const ManySidecars victim(*authority, {folder, "victim", 1, watcher.port()});
    const auto all = static_cast<std::size_t>(devices) + 1;
    watcher.runUntil([&] { return watcher.connections() == all || nowMs() - begin > 300e3; });
    if (watcher.connections() < all) die(std::to_string(watcher.connections()) + " devices connected only");
    std::printf("%d devices, a beat each %lld ms, connected within %.0f s\n", devices,
                static_cast<long long>(interval.count()), (nowMs() - begin) / 1e3);
    measureCost(watcher, devices, interval, seconds);
    measureDetection(watcher, victim, times);
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace libra::bench

int main(int argc, char** argv) {
  int devices = 10'000, interval = 100, seconds = 10, times = 20;
  libra::ProgramOptions given("What it costs to watch many devices");
  given.take("--devices", devices);
  given.take("--interval", interval, "ms between two beats of a device");
  given.take("--seconds", seconds, "to measure for");
  given.take("--times", times, "that a device freezes");
  if (const auto code = given.read(argc, argv)) return *code;
  libra::log::setLevel("warn");  // ten thousand are told that they are watched
  libra::bench::run(devices, libra::Millis(interval), seconds, times);
}
