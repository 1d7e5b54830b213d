#pragma once

#include <string>
#include <thread>
#include <vector>

#include "lib/base/handles.h"

namespace libra::test {

// Stands before a server on a Unix socket and replaces a text in what clients send, so that
// the server does other than it was told and says "done". Until destroyed.
class AlteringRelay {
 public:
  AlteringRelay(std::string path, std::string server, std::string told, std::string done);
  ~AlteringRelay();

 private:
  void serve();
  void relay(Fd client) const;

  const std::string server_, told_, done_;
  Fd listener_, stop_;
  std::vector<std::thread> relays_;
  std::thread thread_;
};

}  // namespace libra::test
