#include "tests/support/tls_gearmand.h"

#include <fstream>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "tests/support/paths.h"

namespace libra::test {

namespace {

constexpr int kAttempts = 5;  // a port can be lost to another test between choosing and binding

std::string readFile(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The front that is shipped, elsewhere.
std::string frontConfiguration(int port, const std::string& bundle, const std::string& ca, int gearmand) {
  auto text = readFile(sourceDir() + "/packaging/common/jobserver/front.cfg");
  const std::pair<std::string_view, std::string> changes[] = {
      {":::4731 v4v6", "127.0.0.1:" + std::to_string(port)},
      {"/etc/libra/jobserver/jobserver.pem", bundle},
      {"/etc/libra/jobserver/ca.crt", ca},
      {"127.0.0.1:4730", "127.0.0.1:" + std::to_string(gearmand)}};
  for (const auto& [shipped, ours] : changes) text.replace(text.find(shipped), shipped.size(), ours);
  return text;
}

// Started programs either listen or end (port taken).
bool listens(ChildProcess& program, int port) {
  const bool decided = waitFor([&] { return program.hasEnded() || acceptsTcp(port); });
  return decided && !program.hasEnded();
}

}  // namespace

TlsGearmand::TlsGearmand(const tls::Files& front) : files_(front) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    plain_port_ = freePort();
    startGearmand();
    if (!listens(*gearmand_, plain_port_)) continue;
    tls_port_ = freePort();
    startFront();
    if (listens(*front_, tls_port_)) return;
  }
  throw std::runtime_error("gearmand or its front did not start:\n" + gearmand_->output() +
                           (front_ ? front_->output() : ""));
}

void TlsGearmand::startGearmand() {
  gearmand_ = std::make_unique<ChildProcess>(
      std::vector<std::string>{"gearmand", "--listen=127.0.0.1", "--port=" + std::to_string(plain_port_),
                               "--log-file=" + folder_ / "gearmand.log", "--job-retries=1", "--file-descriptors=1024"},
      folder_ / "gearmand.out");
}

void TlsGearmand::startFront() {
  const std::string bundle = folder_ / "front.pem", configuration = folder_ / "front.cfg";
  std::ofstream(bundle) << readFile(files_.certificate) << readFile(files_.key);
  std::ofstream(configuration) << frontConfiguration(tls_port_, bundle, files_.ca, plain_port_);
  front_ = std::make_unique<ChildProcess>(std::vector<std::string>{"haproxy", "-db", "-f", configuration},
                                          folder_ / "front.out");
}

void TlsGearmand::kill() {
  front_->kill();
  gearmand_->kill();
}

void TlsGearmand::start() {
  startGearmand();
  startFront();
  if (!listens(*gearmand_, plain_port_) || !listens(*front_, tls_port_))
    throw std::runtime_error("gearmand or its front did not come back");
}

gear::Connection connectionTo(const std::vector<std::string>& servers, const tls::Files& who) {
  gear::Connection connection;
  connection.servers = servers;
  connection.ca = who.ca;
  connection.certificate = who.certificate;
  connection.key = who.key;
  return connection;
}

}  // namespace libra::test
