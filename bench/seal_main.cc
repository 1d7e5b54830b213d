// What sealing adds to a job: write, open, answer and read of a load balancer's UPDATE, beside
// the same without the seal.

#include <cstdio>
#include <filesystem>

#include "bench/running_libra.h"
#include "bench/samples.h"
#include "lib/base/ids.h"
#include "lib/protocol/device_answer.h"
#include "lib/seal/answerer.h"
#include "lib/seal/asker.h"
#include "lib/tls/authority.h"
#include "lib/tls/roles.h"
#include "tests/options/program_options.h"

namespace libra::bench {
namespace {

constexpr const char* kDevice = "libra:device:dev1";

template <typename T>
T need(Result<T> result) {
  if (!result) die(result.error().message + " " + result.error().detail);
  return *std::move(result);
}

std::string update(int nodes) {
  protocol::LoadBalancerState lb;
  lb.id = "1";
  for (int i = 0; i < nodes; ++i) lb.nodes.push_back({std::to_string(i), *NetAddress::parse("10.0.0.1"), 80});
  return json::dump(protocol::writeUpdate({1, {lb}, {}, false}));
}

class Ends {
 public:
  explicit Ends(const std::string& folder)
      : authority_(need(tls::createAuthority("bench", tls::validFor(clock_.now(), 1)))),
        asker_(hand(folder, tls::kControllerUri), clock_),
        answerer_(hand(folder, kDevice), clock_, {kDevice, tls::kControllerUri, false}, work) {}

  static std::string work(const std::string& body) {
    return json::dump(protocol::updated(protocol::readJob(body).request, {}));
  }

  double sealedMs(const std::string& body) {
    const double start = nowMs();
    const auto sent = need(asker_.write(kDevice, body));
    need(asker_.read(kDevice, sent, answerer_.answer(sent)));
    return nowMs() - start;
  }

 private:
  seal::Hand hand(const std::string& folder, const std::string& uri) const {
    const auto identity =
        need(tls::issueCertificate(authority_, {.common_name = "bench", .uri = {uri}}, tls::validFor(clock_.now(), 1)));
    auto files = need(tls::writeIdentity(folder, randomHex(4), identity));
    files.ca = need(tls::writeIdentity(folder, "ca", authority_)).certificate;
    return need(seal::Hand::open(files));
  }

  const SystemClock clock_;
  const tls::Identity authority_;
  seal::Asker asker_;
  seal::Answerer answerer_;
};

double plainMs(const std::string& body) {
  const double start = nowMs();
  Ends::work(body);
  return nowMs() - start;
}

void run(const std::string& folder, int jobs) {
  printHeader("a job and its answer, both ends, without the way between (ms)");
  for (const int nodes : {2, 50}) {
    const auto body = update(nodes);
    Ends ends(folder);
    ends.sealedMs(body);  // the introduction
    Samples plain, sealed;
    for (int i = 0; i < jobs; ++i) plain.add(plainMs(body)), sealed.add(ends.sealedMs(body));
    const auto size = std::to_string(nodes) + " nodes, " + std::to_string(body.size()) + " bytes";
    printRow("plain:  " + size, plain);
    printRow("sealed: " + size, sealed);
  }
}

}  // namespace
}  // namespace libra::bench

int main(int argc, char** argv) {
  libra::ProgramOptions given("What sealing adds to a job");
  int jobs = 1000;
  given.take("--jobs", jobs, "Jobs of each kind");
  if (const auto code = given.read(argc, argv)) return *code;
  const auto folder = std::filesystem::temp_directory_path() / ("libra-bench-seal-" + libra::randomHex(4));
  std::filesystem::create_directory(folder);
  libra::bench::run(folder, jobs);
  std::filesystem::remove_all(folder);
}
