#pragma once

#include <functional>
#include <random>
#include <string>
#include <vector>

#include "tests/chaos/tenant.h"
#include "tests/chaos/whole_libra.h"

namespace libra::test {

// One thing that breaks and is repaired.
struct Fault {
  std::string name;
  std::string device;  // the struck one; "": none
  std::function<void()> strike, mend;
  bool stops_database = false;  // a refusal of the API is right while it lasts
};

// The kinds of faults, each with its victim drawn anew. Some look themselves whether what they
// break had the effect that it must not have; that is found in wrong().
class Faults {
 public:
  using Kind = Fault (Faults::*)();
  static std::vector<Kind> kinds();

  // Nobody but the nemesis touches the load balancer of `lasting_vip`.
  Faults(WholeLibra& libra, std::mt19937& random, std::string lasting_vip)
      : libra_(libra), random_(random), lasting_vip_(std::move(lasting_vip)) {}

  int connectionsCut() const { return cut_; }
  int ordersRefused() const { return orders_refused_; }  // of the impostor
  int jobsStolen() const { return stolen_; }             // by it
  int seenReturning() const { return returned_; }        // devices that were replaced and not fenced
  int nodesDisabled() const { return disabled_; }        // at proxies' sockets
  const std::vector<std::string>& wrong() const { return wrong_; }
  const std::vector<Refusal>& refusals() const { return refusals_; }  // of those who asked while a node died

 private:
  Fault killController();
  Fault freezeController();
  Fault skewController();
  Fault killJobServer();
  Fault freezeJobServer();
  Fault killDatabaseNode();
  Fault freezeDatabaseNode();
  Fault isolateDatabaseNode();
  Fault cutOffMachine();
  Fault cutConnections();
  Fault fillDisk();
  Fault killOnDevice();
  Fault freezeOnDevice();
  Fault cutOffDevice();
  Fault returnUnfenced();
  Fault meddleAtProxies();
  Fault imposture();

  Fault killPart(const std::string& part);
  Fault freezePart(const std::string& part);
  Fault onDatabase(const std::string& what, void (*how)(GaleraCluster&, std::size_t));
  Fault onDevice(const std::string& what, int strike, int mend);
  void expectGivenUp(const std::string& device);

  std::string controller() { return random(2) == 0 ? "controller" : "controller-2"; }
  std::string jobServer();
  std::string aDevice();
  std::string aServingDevice();
  std::string oneOf(const std::vector<std::string>& names) {
    return names.at(static_cast<std::size_t>(random(static_cast<int>(names.size()))));
  }
  int random(int below) { return std::uniform_int_distribution(0, below - 1)(random_); }

  WholeLibra& libra_;
  std::mt19937& random_;
  const std::string lasting_vip_;
  int cut_ = 0, orders_refused_ = 0, stolen_ = 0, returned_ = 0, disabled_ = 0;
  std::vector<std::string> wrong_;
  std::vector<Refusal> refusals_;
};

}  // namespace libra::test
