#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace libra {

// Threads "<name>-0"… that run tasks from one bounded queue. Tasks may block.
// offer() and must() may be called from any thread, also from inside a task.
class WorkerPool {
 public:
  WorkerPool(std::string name, int threads, std::size_t queue_limit);
  ~WorkerPool();  // stops

  bool offer(std::function<void()> task);  // false when full or stopping: answer "busy"
  void must(std::function<void()> task);   // internal work that may exceed the limit; dropped only when stopping
  void stop();                             // no new tasks; runs what is queued, then joins
  std::size_t queued() const;

 private:
  void work(int index);

  const std::string name_;
  const std::size_t limit_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> tasks_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace libra
