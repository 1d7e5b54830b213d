#pragma once

#include "bench/own_process.h"
#include "sidecar/make_driver.h"

namespace libra::bench {

// A HAProxy that this program starts, with its workers; killed with this object. The
// constructor returns when the stats socket answers, or ends the program.
class OwnHaproxy {
 public:
  OwnHaproxy(const std::vector<std::string>& arguments, std::string stats_socket);

  pid_t pid() const { return process_.pid(); }
  pid_t serving() const;                                       // who answers at the stats socket; 0: nobody
  double cpuMicros() const { return cpuMicrosOf(serving()); }  // used by serving() so far

 private:
  std::string stats_socket_;
  OwnProcess process_;
};

// What a driver of ours needs to drive one that runs in `folder` on these ports.
sidecar::DriverConfig ownConfig(const Folder& folder, std::vector<std::uint16_t> ports);

}  // namespace libra::bench
