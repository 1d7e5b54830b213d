#pragma once

// What the tables of the memory store share.

#include <algorithm>
#include <chrono>

#include "lib/base/utf8.h"
#include "tests/support/memory_store.h"

namespace libra::test::memory {

using namespace libra::model;
using service::EventRow;

// What a database answers with an error that no caller can act on (a duplicate
// name, a row still referred to); leaves the body and rolls back.
struct Broken {
  std::string what;
};

// Rows keep microseconds.
inline Time rounded(Time t) { return std::chrono::floor<std::chrono::microseconds>(t); }

// All tables in one: they share the rows and the names do not clash.
class MemoryTables {
 public:
  explicit MemoryTables(MemoryRows& r) : rows(r) {}
  MemoryRows& rows;
  std::int64_t newId() { return ++rows.last_id; }

  LoadBalancer* lb(std::int64_t id) {
    auto it = rows.load_balancers.find(id);
    return it == rows.load_balancers.end() ? nullptr : &it->second;
  }
  Device* device(std::int64_t id) {
    auto it = rows.devices.find(id);
    return it == rows.devices.end() ? nullptr : &it->second;
  }
  LoadBalancer whole(LoadBalancer lb) {
    lb.node_count = static_cast<int>(lb.nodes.size());
    for (const auto& [id, vip] : rows.vips)
      if (lb.device && vip.device == lb.device && !lb.virtual_ip) lb.virtual_ip = vip;
    return lb;
  }
};

}  // namespace libra::test::memory
