#pragma once

#include <sys/socket.h>

#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "lib/base/handles.h"
#include "lib/base/locked.h"

namespace libra::test {

// Stands before a server and cuts one connection at the n-th message that clients send
// since arm(), counted over all connections but for those of MySQL that no answer follows.
// Listens on 127.0.0.1 of the network namespace it is made in, and serves until destroyed.
class TcpProxy {
 public:
  enum class Speaks { MySql, Gearman };
  enum class Cut {
    Before,  // the server never sees the message
    After,   // the server has answered it, the client hears nothing
    AtOnce   // the message is on its way: who knows
  };
  struct Plan {
    std::vector<std::string> from{};  // counting begins once one connection has said these texts, in this order
    int message = 1;                  // 0: the message with the last of these texts itself
    Cut cut = Cut::Before;
    std::function<void()> meanwhile{};  // called at the cut, before the client can notice it
  };

  explicit TcpProxy(int server_port);  // a MySQL server on 127.0.0.1
  TcpProxy(const std::string& server_socket, Speaks protocol);
  TcpProxy(int server_port, Speaks protocol);
  ~TcpProxy();

  int port() const { return port_; }
  void arm(Plan plan);
  void arm(int message, Cut cut) { arm({.message = message, .cut = cut}); }
  bool hasCut() { return plan_.lock()->done; }

 private:
  struct Armed : Plan {
    bool armed = false, done = false;
    std::size_t seen = 0;  // of those texts,
    int on = -1;           // by the connection with this descriptor
  };
  struct Address {
    sockaddr_storage bytes;
    socklen_t size;
  };

  TcpProxy(const Address& server, Speaks protocol);
  static Address onLoopback(int port);
  static Address unixSocket(const std::string& path);
  void serve();
  void relay(Fd client);
  bool forward(int server, std::string& pending);
  bool isCutHere(int server, std::string_view message);
  static bool isNext(Armed& plan, int server, std::string_view message);
  bool cutAt(int server, const std::string& message);

  const Address server_;
  const Speaks protocol_;
  int port_ = 0;
  Fd listener_;
  Fd stop_;  // readable once serving must end
  Locked<Armed> plan_;
  std::vector<std::thread> relays_;
  std::thread thread_;
};

}  // namespace libra::test
