#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/lab.h"

namespace libra::test {

// What was last acknowledged of one load balancer.
struct Acknowledged {
  std::string name, algorithm = "ROUND_ROBIN";
  std::set<int> nodes;  // back ends, 1 to 3
  bool deleted = false;

  bool operator==(const Acknowledged&) const = default;
};

// A call that the API answered with 503.
struct Refusal {
  std::chrono::steady_clock::time_point begin, end;
  std::string what;
};

// A client of the API that changes load balancers of its own, one call after the other, and
// remembers what it was told. A write that gets no answer or 503 is sent again under its
// Idempotency-Key until it has one: after that the truth is known.
class Tenant {
 public:
  Tenant(Lab& lab, std::string token, std::uint32_t seed);
  ~Tenant() { stop(); }

  void stop();  // ends what it is at first

  // All of a tenant that was stopped.
  const std::map<std::string, Acknowledged>& told() const { return told_; }  // by id
  const std::vector<std::string>& wrong() const { return wrong_; }           // answers that no fault excuses
  const std::vector<Refusal>& refusals() const { return refusals_; }
  int calls() const { return calls_; }
  int repeats() const { return repeats_; }  // of them without an answer, or with 503

 private:
  struct Reply {
    int status = 0;  // 0: none
    json::Value body;
    std::string text;
  };

  void run();
  void create();
  void change(const std::string& id, Acknowledged& lb);
  void changeAlgorithm(const std::string& id, Acknowledged& lb);
  void addNode(const std::string& id, Acknowledged& lb);
  void removeNode(const std::string& id, Acknowledged& lb);
  void remove(const std::string& id, Acknowledged& lb);
  void read(const std::string& id, const Acknowledged& lb);

  Reply once(const std::string& method, const std::string& path, const std::string& body, const std::string& key);
  Reply settled(const std::string& method, const std::string& path, const std::string& body = {});
  static bool pending(const Reply& reply);
  static bool noDevices(const Reply& reply);
  void complain(const std::string& what, const Reply& reply);
  int random(int below) { return std::uniform_int_distribution(0, below - 1)(random_); }

  Lab& lab_;
  const std::string token_;
  std::mt19937 random_;
  std::map<std::string, Acknowledged> told_;
  std::vector<std::string> wrong_;
  std::vector<Refusal> refusals_;
  int calls_ = 0, repeats_ = 0, names_ = 0;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

// As the API shows it now; none when there is no such load balancer.
std::optional<Acknowledged> shownIn(const json::Value& body);

}  // namespace libra::test
