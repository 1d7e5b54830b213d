#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "lib/base/handles.h"
#include "lib/base/locked.h"

namespace libra::test {

// Stands before a MySQL server on loopback and cuts one connection at the n-th message
// that clients send on connections made since arm(). Serves until destroyed.
class TcpProxy {
 public:
  enum class Cut {
    Before,  // the server never sees the message
    After,   // the server has answered it, the client hears nothing
    AtOnce   // the message is on its way: who knows
  };

  explicit TcpProxy(int server_port);
  ~TcpProxy();

  int port() const { return port_; }
  void arm(int message, Cut cut);
  bool hasCut() { return (*plan_.lock())->done; }

 private:
  struct Plan {
    std::atomic<int> messages = 0;  // still to pass; 0: no cut any more
    Cut cut = Cut::Before;
    std::atomic<bool> done = false;
  };

  void serve();
  void relay(Fd client, Plan& plan);
  bool forward(int client, int server, std::string& pending, Plan& plan);
  bool cutAt(int server, const std::string& message, Plan& plan);

  const int server_port_;
  int port_ = 0;
  Fd listener_;
  Fd stop_;  // readable once serving must end
  Locked<std::shared_ptr<Plan>> plan_{std::make_shared<Plan>()};
  std::vector<std::thread> relays_;
  std::thread thread_;
};

}  // namespace libra::test
