#pragma once

#include <functional>
#include <string>

#include "lib/base/handles.h"

namespace libra::test {

// A network namespace without a name, gone with its last descriptor. Needs root.
class NetworkNamespace {
 public:
  NetworkNamespace();

  // Runs `task` on a thread of its own inside the namespace and waits for it.
  void run(const std::function<void()>& task) const;
  int fd() const { return fd_.get(); }

 private:
  Fd fd_;
};

// Two namespaces joined by a cable; the interface is called eth0 at both ends and is up.
struct Cable {
  NetworkNamespace device;
  NetworkNamespace peer;

  Cable();
};

}  // namespace libra::test
