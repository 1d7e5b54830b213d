#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
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
  explicit MariadbProcess(std::vector<std::string> extra = {})
      : MariadbProcess(std::move(extra), templateData(), "root") {}
  // On a copy of the data folder `data`, as this user of the system.
  MariadbProcess(std::vector<std::string> extra, const std::string& data, std::string user);

  int port() const { return port_; }
  std::string socket() const { return dir_ / "s.sock"; }
  std::string data() const { return dir_ / "data"; }
  ChildProcess& process() { return *process_; }

  // A new, empty database; user root has no password.
  std::string makeSchema();
  // As root: the last column of the first row, empty when there is none or it failed.
  std::string ask(const std::string& sql) const;
  // After process().kill(): where it was, with the data it has; returns before it answers.
  void restart(const std::vector<std::string>& extra) { start(extra); }
  // As user root, over the socket.
  store::mysql::Options options(const std::string& schema) const;

  // A folder made once per machine by `make(folder)`, for others to copy.
  static std::string preparedData(const std::string& name, const std::function<void(const std::string&)>& make);
  static std::string templateData();  // nothing but the system's tables

 private:
  void start(const std::vector<std::string>& extra);

  TempDir dir_;
  const std::string user_;
  int port_ = 0;
  int schemas_ = 0;
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace libra::test
