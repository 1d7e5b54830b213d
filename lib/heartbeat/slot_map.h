#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace libra::heartbeat {

// Things by numbers that say where they lie: finding one reads nothing else's memory. The rest
// of a number is the caller's, random, so that one that has gone is not mistaken for its successor.
template <typename T>
class SlotMap {
 public:
  std::uint64_t add(std::uint64_t random, std::unique_ptr<T> thing) {
    if (free_.empty()) free_.push_back(slots_.size()), slots_.emplace_back();
    const std::uint64_t slot = free_.back(), id = (random & ~kSlot) | slot;
    slots_[slot] = {id, std::move(thing)};
    free_.pop_back();
    return id;
  }

  T* find(std::uint64_t id) const {  // nullptr: there is none
    const std::uint64_t slot = id & kSlot;
    return slot < slots_.size() && slots_[slot].id == id ? slots_[slot].thing.get() : nullptr;
  }

  void erase(std::uint64_t id) {
    if (find(id) == nullptr) return;
    const Slot gone = std::exchange(slots_[id & kSlot], {});  // its destructor finds the map whole
    free_.push_back(id & kSlot);
  }

  std::size_t size() const { return slots_.size() - free_.size(); }

 private:
  static constexpr std::uint64_t kSlot = (1 << 20) - 1;  // more than any process has connections
  struct Slot {
    std::uint64_t id = 0;
    std::unique_ptr<T> thing;
  };
  std::vector<Slot> slots_;
  std::vector<std::uint64_t> free_;
};

}  // namespace libra::heartbeat
