#pragma once

#include <memory>
#include <string>
#include <vector>

#include "controller/store/mysql/options.h"
#include "tests/support/child_process.h"
#include "tests/support/temp_dir.h"

namespace libra::test {

// A private MariaDB on a unix socket and a loopback port, up in about 0.3 s from a
// template that is made once per machine. Without durability. Killed with this object.
// Failures throw.
class MariadbProcess {
 public:
  // `extra`: further mariadbd options, e.g. "--ssl-ca=…".
  explicit MariadbProcess(std::vector<std::string> extra = {});

  int port() const { return port_; }
  std::string socket() const { return dir_ / "s.sock"; }
  ChildProcess& process() { return *process_; }

  // A new, empty database; user root has no password.
  std::string makeSchema();
  // As user root, over the socket.
  store::mysql::Options options(const std::string& schema) const;

 private:
  void start(const std::vector<std::string>& extra);

  TempDir dir_;
  int port_ = 0;
  int schemas_ = 0;
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace libra::test
