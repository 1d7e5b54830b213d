#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace libra::test {

// A program a test runs, its output in a file. Killed (-9) and reaped with this object,
// also when the test dies. Failures to start throw.
class ChildProcess {
 public:
  ChildProcess(const std::vector<std::string>& command, std::string output_file);
  ~ChildProcess() { kill(); }
  ChildProcess(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }  // 0: no longer
  void signal(int number);            // SIGCONT, SIGTERM …; SIGSTOP: it has stopped
  void kill();
  bool hasEnded();  // reaps it if so
  std::string output() const;

 private:
  pid_t pid_ = 0;
  std::string output_file_;
};

// A TCP port nobody listens on now, below the ephemeral range, where it would be handed
// to somebody's outgoing connection. Another test may be faster: start anew with another.
int freePort();

// True as soon as `holds` does; false when it did not within `bound`.
bool waitFor(const std::function<bool()>& holds, std::chrono::milliseconds bound = std::chrono::seconds(10));

bool acceptsTcp(int port);  // on 127.0.0.1

}  // namespace libra::test
