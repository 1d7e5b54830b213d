#pragma once

#include <functional>
#include <mutex>
#include <set>

#include "controller/service/provider.h"
#include "tests/support/builders.h"

namespace libra::test {

// Machines that are only names. Thread-safe.
class FakeProvider final : public service::Provider {
 public:
  explicit FakeProvider(bool can_build = true) : can_build_(can_build) {}

  // The next n builds and destructions fail.
  void failNext(int n) {
    std::lock_guard lock(mutex_);
    failures_ = n;
  }
  void add(const std::string& name) {
    std::lock_guard lock(mutex_);
    machines_.insert(name);
  }
  void vanish(const std::string& name) {
    std::lock_guard lock(mutex_);
    machines_.erase(name);
  }
  std::set<std::string> machines() {
    std::lock_guard lock(mutex_);
    return machines_;
  }
  std::set<std::string> fenced() {
    std::lock_guard lock(mutex_);
    return fenced_;
  }
  void cannotFence() {
    std::lock_guard lock(mutex_);
    can_fence_ = false;
  }
  void whenAskedToFence(std::function<void()> then) {
    std::lock_guard lock(mutex_);
    asked_to_fence_ = std::move(then);
  }
  int builds() {
    std::lock_guard lock(mutex_);
    return builds_;
  }

  Result<model::NewDevice> build(const service::Site& site) override {
    std::lock_guard lock(mutex_);
    ++builds_;
    if (fails()) return Error{ErrorCode::Unavailable, "no quota"};
    machines_.insert(site.name);
    auto device = aDevice(site.name);
    device.zone = site.zone;
    device.host_group = site.host_group;
    return device;
  }
  Status destroy(const std::string& name) override {
    std::lock_guard lock(mutex_);
    if (fails()) return Error{ErrorCode::Unavailable, "no connection"};
    if (can_build_) machines_.erase(name);
    return ok();
  }
  Status fence(const std::string& name) override {
    std::lock_guard lock(mutex_);
    if (asked_to_fence_) asked_to_fence_();
    if (!can_fence_) return Error{ErrorCode::Unavailable, "no means"};
    fenced_.insert(name);
    return ok();
  }
  Result<std::vector<std::string>> list() override {
    std::lock_guard lock(mutex_);
    return std::vector(machines_.begin(), machines_.end());
  }
  bool canBuild() const override { return can_build_; }

 private:
  bool fails() { return failures_ > 0 && failures_-- > 0; }

  const bool can_build_;
  std::mutex mutex_;
  std::set<std::string> machines_, fenced_;
  bool can_fence_ = true;
  std::function<void()> asked_to_fence_;
  int failures_ = 0, builds_ = 0;
};

}  // namespace libra::test
