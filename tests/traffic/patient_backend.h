#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <thread>

#include "lib/base/handles.h"
#include "tests/traffic/loopback_listener.h"

namespace libra::traffic {

// A back end on 127.0.0.1 that answers every HTTP request with 200 after `delay`, so that a
// few clients have requests in flight all the time and hardly use the processor. Keeps
// connections. Port 0 never: the constructor throws when it cannot listen.
class PatientBackend {
 public:
  explicit PatientBackend(std::chrono::milliseconds delay);
  ~PatientBackend();

  std::uint16_t port() const { return listener_.port(); }
  std::uint64_t connections() const { return connections_; }  // accepted so far, health checks too
  std::uint64_t requests() const { return requests_; }

 private:
  using Instant = std::chrono::steady_clock::time_point;
  struct Due {
    Instant at;
    int fd;
    std::uint64_t connection;
  };
  struct Connection {
    Fd fd;
    std::uint64_t number = 0;
    std::string request;
  };

  void run();
  void accept();
  void read(int fd);
  void close(int fd);
  void answerDue();
  int patience() const;

  const std::chrono::milliseconds delay_;
  const LoopbackListener listener_;
  Fd stop_, poll_;
  std::atomic<std::uint64_t> connections_{0}, requests_{0};
  std::map<int, Connection> open_;
  std::deque<Due> due_;  // in the order of their times
  std::thread thread_;
};

}  // namespace libra::traffic
