// Watches a VIP as a client: asks again and again on new connections until the answers
// show what is expected, and prints how long that took.

#include <chrono>
#include <cstring>
#include <deque>
#include <iostream>
#include <set>
#include <string>
#include <thread>

#include "tests/options/program_options.h"
#include "tests/traffic/http_probe.h"
#include "tests/traffic/steady_client.h"

namespace {

using libra::traffic::Answer;
using libra::traffic::HttpProbe;
using Clock = std::chrono::system_clock;

struct Options {
  std::string netns, address;
  std::uint16_t port = 80;
  std::set<std::string> expect;
  bool avoid_busy = false;
  double since = 0;  // seconds of the epoch, as bash's EPOCHREALTIME; 0: our start
  int requests = 0;
  bool outage = false;
  double timeout = 10;
};

double now() { return std::chrono::duration<double>(Clock::now().time_since_epoch()).count(); }

// Whether the last answers came from exactly the expected nodes. Round robin shows each of
// n nodes within n answers, so a few rounds in a row are proof enough.
class Window {
 public:
  explicit Window(std::set<std::string> expect) : expect_(std::move(expect)), length_(4 * expect_.size()) {}

  bool add(const Answer& answer) {
    last_.push_back(answer.status == 200 ? answer.node : "");
    if (last_.size() > length_) last_.pop_front();
    return last_.size() == length_ && std::set<std::string>(last_.begin(), last_.end()) == expect_;
  }

 private:
  std::set<std::string> expect_;
  std::size_t length_;
  std::deque<std::string> last_;
};

// Waits until the answers settle; the time is that of the first answer of the settled run.
int watch(const Options& options) {
  const HttpProbe probe(*libra::NetAddress::parse(options.address), options.port);
  Window window(options.expect);
  std::deque<double> times;
  const std::size_t length = 4 * options.expect.size();
  Answer last;
  for (const double start = now(); now() - start < options.timeout;) {
    last = probe.get();
    times.push_back(now());
    if (times.size() > length) times.pop_front();
    if (window.add(last)) {
      std::printf("%.1f\n", (times.front() - (options.since > 0 ? options.since : start)) * 1e3);
      return 0;
    }
    if (last.status != 200) std::this_thread::sleep_for(std::chrono::microseconds(500));
  }
  std::cerr << "lab-probe: not seen within " << options.timeout << " s; last answer: status " << last.status
            << " from '" << last.node << "' " << last.error << "\n";
  return 1;
}

// Keeps one slow download open and waits until no new request meets the node that serves
// it: what LEAST_CONNECTIONS does and ROUND_ROBIN does not.
int watchLeastConnections(const Options& options) {
  const auto address = *libra::NetAddress::parse(options.address);
  std::thread slow([&] {
    if (options.netns.empty() || libra::traffic::enterNetns(options.netns))
      (void)HttpProbe(address, options.port, std::chrono::milliseconds(static_cast<int>(options.timeout * 1000) + 2000))
          .get("/slow");
  });
  slow.detach();
  const HttpProbe probe(address, options.port);
  std::deque<std::string> last;
  std::deque<double> times;
  for (const double start = now(); now() - start < options.timeout;) {
    last.push_back(probe.get().node);
    times.push_back(now());
    if (last.size() > 12) last.pop_front(), times.pop_front();
    const std::set<std::string> seen(last.begin(), last.end());
    if (last.size() == 12 && seen.size() + 1 == options.expect.size() && !seen.contains("")) {
      std::printf("%.1f\n", (times.front() - (options.since > 0 ? options.since : start)) * 1e3);
      std::fflush(stdout);
      std::_Exit(0);  // the slow download is still running, on purpose
    }
  }
  std::cerr << "lab-probe: new requests still meet the busy node after " << options.timeout << " s\n";
  std::_Exit(1);
}

int ask(const Options& options) {
  const HttpProbe probe(*libra::NetAddress::parse(options.address), options.port);
  int failed = 0;
  for (int i = 0; i < options.requests; ++i) {
    const Answer answer = probe.get();
    failed += answer.status != 200;
    std::cout << (answer.status == 200 ? answer.node : "failed: " + answer.error)
              << (i + 1 < options.requests ? " " : "\n");
  }
  return failed == 0 ? 0 : 1;
}

// Says so once it is watching; the outage is over when answers have come for half a second.
int watchOutage(const Options& options) {
  using libra::traffic::SteadyClient;
  const auto patience = std::chrono::milliseconds(static_cast<int>(options.timeout * 1000));
  SteadyClient client(*libra::NetAddress::parse(options.address), options.port, {});
  const auto begun = SteadyClient::Instant::clock::now();
  if (!client.waitForAnswers(20, patience)) return std::cerr << "lab-probe: nothing answers\n", 1;
  std::cout << "watching" << std::endl;
  if (!client.waitForFailures(1, patience)) return std::cerr << "lab-probe: no outage was seen\n", 1;
  if (!client.waitForAnswers(100, patience)) return std::cerr << "lab-probe: the outage does not end\n", 1;
  client.stop();
  const auto outage = libra::traffic::outageAfter(begun, client.attempts());
  std::printf("%.1f %d\n", outage.ms, outage.failed);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  libra::ProgramOptions given("Asks a VIP on new connections, as a client would");
  given.take("--netns", options.netns, "network namespace of the client");
  given.need("--address", options.address, "the VIP");
  given.take("--port", options.port, "its port");
  given.take("--expect", options.expect, "wait until exactly these nodes answer, print the milliseconds it took");
  given.flag("--least-connections", options.avoid_busy, "with --expect: wait until new requests avoid a busy node");
  given.take("--since", options.since, "count from this time (seconds of the epoch)");
  given.take("--requests", options.requests, "ask so often and print who answered");
  given.flag("--outage", options.outage,
             "open a connection each 5 ms; print \"watching\", and after an outage its milliseconds and failures");
  given.take("--timeout", options.timeout, "seconds to wait at most");
  if (const auto code = given.read(argc, argv)) return *code;

  if (!libra::NetAddress::parse(options.address)) {
    std::cerr << "lab-probe: '" << options.address << "' is no address\n";
    return 2;
  }
  if (!options.netns.empty() && !libra::traffic::enterNetns(options.netns)) {
    std::cerr << "lab-probe: network namespace " << options.netns << ": " << std::strerror(errno) << "\n";
    return 1;
  }
  if (options.outage) return watchOutage(options);
  if (options.requests > 0) return ask(options);
  return options.avoid_busy ? watchLeastConnections(options) : watch(options);
}
