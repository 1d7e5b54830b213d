#pragma once

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "lib/event/worker_pool.h"
#include "tests/support/galera_cluster.h"
#include "tests/support/lab.h"

namespace libra::test {

// Two controllers, three Galera nodes, two gearmands behind their TLS fronts and spare
// devices, all of it in one lab. Needs root. Failures throw.
class WholeLibra {
 public:
  static constexpr int kSpares = 6;

  WholeLibra();
  ~WholeLibra();

  Lab& lab() { return *lab_; }
  void revive();  // starts every part of the control plane that does not run

  // The database's nodes live where the controllers do: all that touches them goes through here.
  template <typename Task>
  auto onDatabase(Task task) {
    return await([this, task] { return task(*galera_); });
  }

  std::vector<std::string> deviceNames() const;                            // those with a namespace
  void skewClock(const std::string& controller, std::chrono::seconds by);  // of "controller" or "controller-2"
  void fillDevicesDisk();                                                  // the one that all devices write to
  void freeDevicesDisk();
  int cutConnections(const std::string& machine);  // with job servers and watchers, by a reset; how many
  // With HAProxy's socket, by hand; one beside which another is enabled. Whether there was one.
  bool disableANode(const std::string& device);
  std::vector<std::string> vipsOn(const std::string& device) const;  // its interface
  std::string ownerOf(const std::string& vip) const;                 // the device it belongs to
  int spares() const;                                                // that are ready
  std::string holdersOf(const std::string& address) const;           // devices whose interface has it

 private:
  std::string addressesOf(const std::string& device) const;
  std::string sqlAtLast(const std::string& statement) const;  // as soon as the database's first node answers

  // On the one thread that entered the controllers' namespace: processes die with the
  // thread that started them.
  template <typename Task>
  auto await(Task task) {
    std::packaged_task<decltype(task())()> packaged(std::move(task));
    auto result = packaged.get_future();
    inside_.must([&packaged] { packaged(); });
    return result.get();
  }

  std::unique_ptr<Lab> lab_;
  std::unique_ptr<GaleraCluster> galera_;
  WorkerPool inside_{"database", 1, 16};
};

}  // namespace libra::test
