#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace libra::bench {

// A folder under /tmp, gone with this object.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// A program that this one starts, in a process group of its own and without a word; killed
// with its children when this object goes.
class OwnProcess {
 public:
  OwnProcess(const std::string& binary, const std::vector<std::string>& arguments);
  ~OwnProcess();
  OwnProcess(const OwnProcess&) = delete;

  pid_t pid() const { return pid_; }

 private:
  pid_t pid_;
};

// Processor time used by all threads of a process so far.
double cpuMicrosOf(pid_t pid);

// Ends the program with `what` when it takes more than ten seconds.
void waitUntil(const std::function<bool()>& done, const std::string& what);

std::uint16_t freePort();

}  // namespace libra::bench
