#pragma once

#include "bench/own_process.h"

namespace libra::bench {

// An nginx that this program starts with the file `nginx.conf` of a folder; killed with this
// object. The constructor returns when it has workers, or ends the program.
class OwnNginx {
 public:
  explicit OwnNginx(const std::string& folder);

  double cpuMicros() const;        // used by its workers so far
  double workersMegabyte() const;  // of memory (PSS), those that are shutting down included
  std::size_t workers() const;     // the same
  // nginx -s reload: returns when no worker serves what was before, its last connections aside.
  void reload() const;

 private:
  std::vector<pid_t> serving() const;

  OwnProcess process_;
};

}  // namespace libra::bench
