#pragma once

#include <signal.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/child_process.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_backend.h"

namespace libra::test {

// A real nginx with a configuration of its own, in a folder of its own. It runs as the
// user the test runs as. All its masters and workers are gone with this object.
class NginxProcess {
 public:
  struct Blocks {
    std::string modules{};  // the folder of ours; "": without them
    std::string main{}, http{}, stream{};
    std::size_t workers = 2;
  };

  explicit NginxProcess(const Blocks& blocks);                   // returns when it runs; throws when it does not
  NginxProcess(std::string configuration, std::size_t workers);  // a whole one; "unix:" is in its folder
  ~NginxProcess();

  const std::string& directory() const { return directory_.path(); }
  pid_t master() const;                // by its pid file; 0: none
  std::vector<pid_t> workers() const;  // of that master
  std::string log() const;

  void signal(int number) const { ::kill(master(), number); }
  void start();
  void stop();      // SIGTERM, and waits for the end
  void reload();    // SIGHUP, and waits for the new workers
  pid_t upgrade();  // SIGUSR2, and waits for the new master; the old one's pid
  static bool runs(pid_t pid);

  // One HTTP request to a unix socket in its folder, with descriptors along. Those that
  // come with the answer are added to `received`, and are the caller's.
  HttpAnswer ask(const std::string& socket, const std::string& method, const std::string& path,
                 const std::string& body = "", const std::vector<int>& descriptors = {},
                 std::vector<int>* received = nullptr) const;

 private:
  TempDir directory_;
  std::size_t workers_;
};

}  // namespace libra::test
