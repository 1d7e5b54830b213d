#pragma once

// What the store's contract writes and compares, and the names its files use.

#include <gmock/gmock.h>

#include <atomic>
#include <limits>
#include <set>
#include <thread>

#include "tests/contract/store/store_contract.h"

namespace libra::test::rows {

using namespace std::chrono_literals;
using model::DeviceStatus;
using model::LbStatus;
using model::NodeStatus;
using service::Txn;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

inline const Time kNow = Time(std::chrono::seconds(1'800'000'000)) + 123456us;
inline const Time kDeadline = kNow + 2min;
inline constexpr auto kNoEnd = std::numeric_limits<std::int64_t>::max();

inline NetAddress address(const char* text) { return NetAddress::parse(text).value(); }

inline model::NewNode node(const char* at, std::uint16_t port = 80) {
  model::NewNode node;
  node.address = address(at);
  node.port = port;
  return node;
}

inline model::NewLoadBalancer wanted(const std::string& name, const std::string& tenant = "a") {
  model::NewLoadBalancer lb;
  lb.tenant = tenant;
  lb.name = name;
  lb.nodes = {node("10.0.0.1"), node("10.0.0.2")};
  return lb;
}

template <typename Things>
auto idsOf(const Things& things) {
  std::vector<std::int64_t> ids;
  for (const auto& thing : things) ids.push_back(thing.id);
  return ids;
}

// As far as a client is told.
inline void expectSame(const model::LoadBalancer& a, const model::LoadBalancer& b) {
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.status, b.status);
  EXPECT_EQ(a.device, b.device);
  EXPECT_EQ(a.generation, b.generation);
  EXPECT_EQ(std::tie(a.created, a.updated, a.deadline), std::tie(b.created, b.updated, b.deadline));
  EXPECT_EQ(a.node_count, b.node_count);
  ASSERT_EQ(a.nodes.size(), b.nodes.size());
  for (std::size_t i = 0; i < a.nodes.size(); ++i) {
    EXPECT_EQ(a.nodes[i].id, b.nodes[i].id);
    EXPECT_EQ(a.nodes[i].address, b.nodes[i].address);
    EXPECT_EQ(a.nodes[i].status, b.nodes[i].status);
  }
}

// Runs `work(i)` on n threads at once.
inline void inParallel(int n, const std::function<void(int)>& work) {
  std::vector<std::thread> threads;
  for (int i = 0; i < n; ++i) threads.emplace_back([&work, i] { work(i); });
  for (auto& thread : threads) thread.join();
}

}  // namespace libra::test::rows
