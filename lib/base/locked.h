#pragma once

#include <mutex>
#include <utility>

namespace libra {

// A lock that wraps the data it guards, so there is no unlocked path to it:
//   auto jobs = jobs_.lock(); jobs->push_back(job);
template <typename T>
class Locked {
 public:
  class Access {
   public:
    Access(std::mutex& mutex, T& data) : lock_(mutex), data_(data) {}
    T* operator->() { return &data_; }
    T& operator*() { return data_; }
    std::unique_lock<std::mutex>& raw() { return lock_; }  // for condition variables

   private:
    std::unique_lock<std::mutex> lock_;
    T& data_;
  };

  Locked() = default;
  explicit Locked(T data) : data_(std::move(data)) {}
  Access lock() { return Access(mutex_, data_); }

 private:
  std::mutex mutex_;
  T data_{};
};

}  // namespace libra
