#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "lib/base/handles.h"
#include "lib/base/net_address.h"

namespace libra::traffic {

// A client that opens a new connection and asks each few milliseconds, whether or not the
// last attempts are answered: what it misses tells how long a service was gone.
class SteadyClient {
 public:
  using Instant = std::chrono::steady_clock::time_point;
  struct Attempt {
    Instant begin, end;
    std::string failure;  // "": answered with 200
  };
  struct Options {
    std::string netns;  // the client's network namespace; "": ours
    std::chrono::milliseconds pace{5};
    std::chrono::milliseconds patience{200};  // with one attempt
  };

  SteadyClient(const NetAddress& address, std::uint16_t port, Options options);
  ~SteadyClient() { stop(); }

  // Until so many further attempts were answered, or have failed; false when that takes too long.
  bool waitForAnswers(int more, std::chrono::milliseconds limit = std::chrono::seconds(10)) const;
  bool waitForFailures(int more, std::chrono::milliseconds limit = std::chrono::seconds(10)) const;

  void stop();
  const std::vector<Attempt>& attempts() const { return attempts_; }     // of one that was stopped, as they ended
  std::size_t begun() const { return attempts_.size() + open_.size(); }  // the same, and those it was stopped in

 private:
  struct Connection {
    Fd fd;
    Instant begin;
    bool asked = false;
  };
  void run(const NetAddress& address, std::uint16_t port);
  void begin(const NetAddress& address, std::uint16_t port, Instant now);
  void progress(int fd, std::uint32_t events);
  void giveUpOld(Instant now);
  void end(int fd, std::string failure);

  const Options options_;
  std::atomic<bool> stopping_{false};
  std::atomic<int> answered_{0}, failed_{0};
  std::vector<Attempt> attempts_;
  std::map<int, Connection> open_;
  std::deque<std::pair<Instant, int>> order_;  // of their beginning; some may have ended
  Fd poll_;
  std::thread thread_;
};

// The longest time without an answer that ended after `since`, as its client saw it.
struct Outage {
  double ms = 0;
  int failed = 0;
  std::map<std::string, int> failures;  // by their reason
};
Outage outageAfter(SteadyClient::Instant since, const std::vector<SteadyClient::Attempt>& attempts);

}  // namespace libra::traffic
