#include "lib/heartbeat/slot_map.h"

#include <gtest/gtest.h>

#include <functional>

namespace libra::heartbeat {
namespace {

constexpr std::uint64_t kRandom = 0xfedcba9876543210;

TEST(SlotMap, FindsWhatItHasByTheNumberItGave) {
  SlotMap<int> map;
  const auto one = map.add(kRandom, std::make_unique<int>(1));
  const auto two = map.add(kRandom, std::make_unique<int>(2));
  EXPECT_NE(one, two);
  EXPECT_EQ(*map.find(one), 1);
  EXPECT_EQ(*map.find(two), 2);
  EXPECT_EQ(map.size(), 2u);
  EXPECT_EQ(map.find(kRandom), nullptr);
  EXPECT_EQ(map.find(0), nullptr);
  EXPECT_EQ(map.find(~0ull), nullptr);
}

TEST(SlotMap, ANumberThatEndedIsNotItsSuccessors) {
  SlotMap<int> map;
  const auto first = map.add(kRandom, std::make_unique<int>(1));
  map.erase(first);
  map.erase(first);
  EXPECT_EQ(map.find(first), nullptr);
  EXPECT_EQ(map.size(), 0u);
  const auto second = map.add(~kRandom, std::make_unique<int>(2));
  EXPECT_EQ(map.find(first), nullptr);
  map.erase(first);
  EXPECT_EQ(*map.find(second), 2);
  EXPECT_EQ(second & 0xfffff, first & 0xfffff) << "the place is used again";
}

TEST(SlotMap, WhatLeavesFindsTheMapWhole) {
  struct Leaver {
    std::function<void()> at_its_end;
    ~Leaver() { at_its_end(); }
  };
  SlotMap<Leaver> map;
  std::size_t left = 9;
  auto leaver = std::make_unique<Leaver>();
  const auto id = map.add(kRandom, std::move(leaver));
  map.find(id)->at_its_end = [&] { left = map.find(id) == nullptr ? 0 : 1; };
  map.erase(id);
  EXPECT_EQ(left, 0u);
}

}  // namespace
}  // namespace libra::heartbeat
