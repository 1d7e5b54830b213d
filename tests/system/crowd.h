#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "lib/base/locked.h"
#include "lib/tls/context.h"
#include "tests/support/raw_client.h"

namespace libra::test {

// Clients of an HTTPS server on 127.0.0.1, over kept connections: the busy ones send `request`
// again and again; the idle ones ask once and stay; the wicked among them send half a request,
// or many and read no answer. Who is sent away comes again.
class Crowd {
 public:
  struct Plan {
    int port = 0;
    tls::Context tls;
    std::string request;
    int idle = 0, wicked = 0, busy = 0;
  };
  struct Seen {
    std::vector<double> times;              // of the busy ones' answers, in ms
    std::vector<std::string> wrong;         // answers other than 200, connections refused or cut
    long came_again = 0, idle_answers = 0;  // of the idle and the wicked
  };

  explicit Crowd(Plan plan) : plan_(std::move(plan)) {}
  ~Crowd() { leave(); }

  void come();  // returns when all are there
  void leave();

  Seen seen() { return *seen_.lock(); }

 private:
  using Client = std::unique_ptr<RawClient>;

  void beBusy();
  void lookAfter(int first, int last);  // of the idle ones and the wicked, in this order
  Client newClient(int number);
  bool asks(RawClient& client);
  void complain(const std::string& what) { seen_.lock()->wrong.push_back(what); }

  const Plan plan_;
  Locked<Seen> seen_;
  std::atomic<int> arrived_ = 0;
  std::atomic<bool> leaving_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace libra::test
