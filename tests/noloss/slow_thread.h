#pragma once

#include <atomic>
#include <thread>
#include <vector>

namespace libra::test {

// While it lives, one processor is kept busy, so that whoever is told to run there is put aside again and again, in
// the middle of whatever it does: what only goes wrong between two instructions of one thread then goes wrong sooner.
class SlowThread {
 public:
  SlowThread();
  ~SlowThread();

  // The last thread of each process that has several, of those this one started and those they started; to be asked
  // again when there are others.
  void slow() const;

 private:
  std::atomic<bool> ended_{false};
  std::vector<std::thread> busy_;
};

}  // namespace libra::test
