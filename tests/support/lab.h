#pragma once

#include <cstdio>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "lib/base/handles.h"
#include "lib/base/locked.h"
#include "lib/http/client.h"
#include "lib/json/value.h"
#include "tests/support/temp_dir.h"

namespace libra::test {

// A whole private Libra in network namespaces of its own (tests/lab/up), taken down at the
// end of this object or of this process, whichever comes first and however it comes.
// Needs root. One at a time in a process. Failures throw.
class Lab {
 public:
  Lab();
  ~Lab();

  void up();  // starts what is not running, as `make run` would
  void down();
  bool isUp() const { return up_; }
  // Settings of tests/lab/up by their environment variable, for what it starts after this; "": its own.
  void set(const std::string& variable, const std::string& value);

  std::string path(const std::string& file) const { return folder_ / file; }
  std::string netns(const std::string& machine) const { return prefix_ + "-" + machine; }
  // Runs `task` on a thread in the namespace of "ctl", "jobs", "client", "node1" or a device, and waits.
  void inside(const std::string& machine, const std::function<void()>& task) const;

  // Any HTTP answer, also while up() is at work; `token` and `url` name variables of run/env.
  http::Response api(const std::string& method, const std::string& path, const std::string& body = {},
                     const std::string& token = "LIBRA_TOKEN", const std::string& url = "LIBRA_URL",
                     const http::Headers& headers = {});
  json::Value get(const std::string& path) { return *json::parse(api("GET", path).body); }

  // The id; not waited for. `members` as JSON, with a comma in front.
  std::string create(const std::string& name, int nodes = 2, const std::string& members = {});
  std::string nodeJson(int number) const;                          // nginx back ends, 1 to 3
  std::string nodeId(const std::string& lb, int number);           // of that back end in this load balancer
  std::string statusOf(const std::string& lb);                     // "" when there is none
  bool becomes(const std::string& lb, const std::string& status);  // within half a minute
  bool isGone(const std::string& lb);                              // the same
  std::string vipOf(const std::string& lb);
  std::string deviceOf(const std::string& lb) const;
  std::vector<std::string> devices() const;

  std::string sql(const std::string& statement) const;  // cells, rows on lines, no newline at the end
  bool poolIsFull() const;                              // becomes so within half a minute
  std::string haproxy(const std::string& device, const std::string& command) const;  // on its stats socket
  void setLink(const std::string& machine, bool up) const;  // its cable; of a device that may be gone
  // What the device's proxy runs, with the addresses in its memory: equal texts mean that nothing was touched.
  std::string running(const std::string& device) const;

  // Clients' view: whether the answers come to be from exactly these nodes ("node1 node3"), within ten seconds.
  bool isServedBy(const std::string& vip, const std::string& nodes, const std::string& options = {}) const;
  std::map<std::string, int> answersOf(const std::string& vip, int requests) const;  // by node; "": none

  // Processes by their pid files: "controller", "devices/<name>/haproxy" ...
  int pid(const std::string& part) const;
  bool isRunning(const std::string& part) const;
  void kill(const std::string& part, int signal = 9) const;    // -9: and waits until it is gone
  bool comesBack(const std::string& part, int old_pid) const;  // within ten seconds

 private:
  std::string cableOf(const std::string& machine) const;  // its end in the bridge; "": none any more

  TempDir folder_;
  std::string prefix_;
  bool up_ = false;
  std::unique_ptr<FILE, FreeWith<::pclose>> guard_;
  Locked<std::map<std::string, std::string>> environment_;  // run/env
};

bool isAlive(int pid);  // not of one that is dead but not buried

// Runs a shell command; its output. Throws when it fails.
std::string shell(const std::string& command);

}  // namespace libra::test
