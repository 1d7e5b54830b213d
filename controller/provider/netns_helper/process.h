#pragma once

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "controller/provider/netns_helper/settings.h"
#include "lib/base/handles.h"

namespace libra::provider::netns {

// A process that is ours or was adopted; `handle` is a pidfd, so the number cannot come
// to mean another process. No handle: it is gone.
struct Process {
  pid_t pid = 0;
  std::shared_ptr<const Fd> handle{};

  static Process of(pid_t pid);
};

bool waitForEnd(const Process& process, std::chrono::milliseconds patience);  // does not reap
void killNow(const Process& process);
void reap(const Process& process);  // when it ended and is our child

// How one program of a device is run: inside a network namespace, in `directory`, as
// `user` with no more than `capabilities` (which it keeps as ambient ones), in a session
// of its own, output appended to `log`. It sees `directory` as /mnt, in a mount namespace
// of its own, and is found before the privileges are dropped: `user` need not be able to
// reach either of them.
struct Launch {
  std::string name_space;
  std::string directory;
  std::vector<std::string> argv;  // the program's absolute path first
  std::string log;
  std::string pid_file;  // written by the new process itself before it becomes the program; "": none
  User user;
  std::vector<int> capabilities{};
};

// Returns when the program runs, or Internal with the step that failed.
Result<Process> launch(const Launch& what);

// The process a pid file names, if it lives and is in that namespace; else no handle.
Process recorded(const std::string& pid_file, const std::string& name_space);

}  // namespace libra::provider::netns
