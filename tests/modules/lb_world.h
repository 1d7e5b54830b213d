#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <thread>

#include "lib/json/value.h"
#include "tests/support/nginx_process.h"

namespace libra::test {

// nginx with our modules over back ends a, b and c: state and health go in by the control
// socket, requests by the listeners the state names.
class LbWorld : public ::testing::Test {
 protected:
  LbWorld();

  // An LB "web" on port(), with these members (JSON) and peers, as the next revision.
  HttpAnswer web(const std::string& peers, const std::string& members = "");
  HttpAnswer put(const std::string& state, const std::vector<int>& descriptors = {}) {
    return nginx_.ask("control.sock", "PUT", "/state", state, descriptors);
  }
  std::string lb(const std::string& id, int port, const std::string& peers, const std::string& members = "",
                 const std::string& server = "http") const;
  std::string state(const std::string& lbs) { return stateOf(++revision_, lbs); }
  static std::string stateOf(int revision, const std::string& lbs) {
    return R"({"revision":)" + std::to_string(revision) + R"(,"loadBalancers":[)" + lbs + "]}";
  }
  std::string peer(const std::string& name, const std::string& members = "") const;  // of a back end

  std::string status() const { return nginx_.ask("control.sock", "GET", "/status").body; }
  json::Value lbStatus(const std::string& id) const;
  bool isQuiet() const;  // no connection is counted as open anywhere

  std::map<std::string, int> shares(int requests, const std::string& headers = "") const;
  int port() const { return port_; }

  TinyBackend a_{"a"}, b_{"b"}, c_{"c"};
  int port_ = freePort();
  int other_port_ = freePort();
  int revision_ = 0;
  NginxProcess nginx_;
};

// New connections to a port, one after the other, in threads of their own until stop().
class Traffic {
 public:
  explicit Traffic(int port, int threads = 2);
  ~Traffic() { stop(); }
  void stop();
  int answered() const { return answered_; }
  int failed() const { return failed_; }
  void flow(int requests = 50) const;  // returns when so many more were answered

 private:
  std::atomic<bool> stopped_{false};
  std::atomic<int> answered_{0}, failed_{0};
  std::vector<std::thread> threads_;
};

// One revision after the other, in a thread of its own until stop(); each is sent again
// until it is accepted.
class Changes {
 public:
  Changes(int first, std::function<HttpAnswer(int revision)> put);
  ~Changes() { stop(); }
  int stop();                      // the last revision accepted
  bool flow(int revisions) const;  // true when so many more were accepted

 private:
  std::atomic<bool> stopped_{false};
  std::atomic<int> accepted_;
  std::thread thread_;
};

}  // namespace libra::test
