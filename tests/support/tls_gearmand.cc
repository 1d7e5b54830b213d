#include "tests/support/tls_gearmand.h"

#include <fmt/format.h>

#include <fstream>
#include <stdexcept>

namespace libra::test {

namespace {

constexpr int kAttempts = 5;  // a port can be lost to another test between choosing and binding

// "timeout client" bounds the handshake, "timeout tunnel" what comes after it.
constexpr auto kFront = R"(global
  maxconn 1000
defaults
  mode tcp
  timeout connect 2s
  timeout client 3s
  timeout server 3s
  timeout tunnel 1h
frontend jobs
  bind 127.0.0.1:{} ssl crt {} ca-file {} verify required ssl-min-ver TLSv1.2
  stick-table type ip size 1k store conn_cur
  tcp-request connection track-sc0 src
  tcp-request connection reject if {{ sc0_conn_cur gt 500 }}
  default_backend gearmand
backend gearmand
  server local 127.0.0.1:{}
)";

std::string readFile(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
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
  std::ofstream(configuration) << fmt::format(kFront, tls_port_, bundle, files_.ca, plain_port_);
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
