#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "lib/http/client.h"
#include "tests/support/temp_dir.h"

namespace libra::test {

// A whole private Libra in network namespaces of its own (tests/lab/up), taken down with
// this object. Needs root. Failures throw.
class Lab {
 public:
  Lab();
  ~Lab();

  void up();  // starts what is not running, as `make run` would
  void down();
  std::string path(const std::string& file) const { return folder_ / file; }
  const std::string& prefix() const { return prefix_; }

  http::Response api(const std::string& method, const std::string& path, const std::string& body = {},
                     const std::string& token = "LIBRA_TOKEN");
  std::string create(const std::string& name, int nodes = 2);  // the id; not waited for
  std::string statusOf(const std::string& lb);
  bool becomes(const std::string& lb, const std::string& status);  // within half a minute
  std::string vipOf(const std::string& lb);
  std::string deviceOf(const std::string& lb);

  std::string sql(const std::string& statement) const;                               // cells, rows on lines
  std::string haproxy(const std::string& device, const std::string& command) const;  // on its stats socket
  std::string addressOfNode(int number) const;                                       // 1 to 3

  // Processes by their pid files: "controller", "devices/<name>/haproxy" ...
  int pid(const std::string& part) const;
  void kill(const std::string& part, int signal = 9) const;
  bool comesBack(const std::string& part, int old_pid) const;  // within ten seconds

 private:
  TempDir folder_;
  std::string prefix_;
  std::map<std::string, std::string> environment_;
};

// Clients that ask a VIP on new connections all the time, from the lab's client namespace.
class Traffic {
 public:
  Traffic(const Lab& lab, std::string vip);
  ~Traffic() { stop(); }

  void waitForMore(int answers);  // until so many more were given
  void stop();
  int answers() const { return answers_; }
  int failures() const { return failures_; }

 private:
  void ask(const std::string& netns, const std::string& vip);

  std::atomic<bool> stopping_ = false;
  std::atomic<int> answers_ = 0, failures_ = 0;
  std::thread thread_;
};

// Runs a shell command; its output. Throws when it fails.
std::string shell(const std::string& command);

}  // namespace libra::test
