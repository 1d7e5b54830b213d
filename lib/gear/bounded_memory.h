#pragma once

#include <cstddef>
#include <cstdlib>

namespace libra::gear {

// gearman_malloc_fn for what arrives: a packet's header may claim any size, and
// libgearman would reserve it before the first byte of it is there.
inline void* allocateBounded(std::size_t size, void*) {
  constexpr std::size_t kMost = 16 * 1024 * 1024;
  return size <= kMost ? std::malloc(size) : nullptr;
}

}  // namespace libra::gear
