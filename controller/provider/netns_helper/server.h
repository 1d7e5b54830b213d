#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "controller/provider/netns_helper/devices.h"
#include "controller/provider/netns_message.h"
#include "lib/event/worker_pool.h"

namespace libra::provider::netns {

// Answers the controller on a unix socket, one request per connection, several at once.
// Only processes of the controller's user (or root) are listened to.
class Server {
 public:
  static Result<std::unique_ptr<Server>> open(const Settings& settings, Devices& devices);
  ~Server();  // finishes what is under way

 private:
  Server(const Settings& settings, Devices& devices, Fd listener);
  void acceptLoop();
  void serve(int connection);
  bool isAllowed(int connection) const;
  Answer perform(const Request& request);

  const Settings& settings_;
  Devices& devices_;
  const Fd listener_;
  const Fd wake_;
  WorkerPool pool_;
  std::thread accepting_;
};

}  // namespace libra::provider::netns
