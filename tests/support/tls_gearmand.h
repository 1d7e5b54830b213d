#pragma once

#include <memory>
#include <string>

#include "lib/gear/client.h"
#include "lib/tls/context.h"
#include "tests/support/child_process.h"
#include "tests/support/temp_dir.h"

namespace libra::test {

// A private gearmand on loopback behind a private HAProxy that demands certificates of
// `front.ca`, as in production (design.md section 4). Runs when constructed.
class TlsGearmand {
 public:
  explicit TlsGearmand(const tls::Files& front);

  std::string server() const { return "127.0.0.1:" + std::to_string(tls_port_); }
  std::string plainServer() const { return "127.0.0.1:" + std::to_string(plain_port_); }
  int plainPort() const { return plain_port_; }
  int tlsPort() const { return tls_port_; }

  int frontPid() const { return front_->pid(); }

  void kill();  // both, -9
  void start();
  ChildProcess& gearmand() { return *gearmand_; }  // SIGSTOP: the front still accepts, nobody answers

 private:
  void startGearmand();
  void startFront();

  TempDir folder_;
  const tls::Files files_;
  int plain_port_ = 0;
  int tls_port_ = 0;
  std::unique_ptr<ChildProcess> gearmand_;
  std::unique_ptr<ChildProcess> front_;
};

// How `who` reaches these servers.
gear::Connection connectionTo(const std::vector<std::string>& servers, const tls::Files& who);

}  // namespace libra::test
