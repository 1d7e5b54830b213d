#pragma once

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "lib/base/locked.h"

namespace libra::store::mysql {

// Rows that one search found free, for many claims: whoever claims takes the next and writes
// it only if it still is as it was read, so that what is out of date here costs a try and
// nothing else. A search for each claim would pass by all rows that were taken lately: the
// index keeps them until the server has purged them. Thread-safe.
template <typename Row>
class Candidates {
 public:
  static constexpr int kMost = 64;  // rows that a search is to find

  // One for a wish, which is told by its parameters: `search` finds rows that fulfil it, the
  // first to be tried first; `take` writes one, and is false where that is no longer free,
  // perhaps only after another claim has ended. None: the search finds none.
  template <typename Search, typename Take>
  std::optional<Row> claim(const std::string& wish, Search search, Take take) {
    for (int tries = 0; tries < kMostTries; ++tries) {
      auto row = next(wish, search);
      if (!row || take(*row)) return row;
    }
    return std::nullopt;
  }

 private:
  using Instant = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::seconds kFresh{1};  // so that the order is the one of the search
  static constexpr int kMostTries = 4 * kMost;

  struct Found {
    std::vector<Row> rows;  // the next one last
    Instant until;
  };

  template <typename Search>
  std::optional<Row> next(const std::string& wish, Search search) {
    if (auto known = nextKnown(wish)) return known;
    std::vector<Row> found = search();
    if (found.empty()) return std::nullopt;
    // With plenty, each controller has an order of its own: two would meet at every row.
    if (found.size() == kMost) std::shuffle(found.begin(), found.end(), std::mt19937(std::random_device{}()));
    std::reverse(found.begin(), found.end());
    auto first = std::move(found.back());
    found.pop_back();
    keep(wish, std::move(found));
    return first;
  }

  std::optional<Row> nextKnown(const std::string& wish) {
    auto lists = lists_.lock();
    const auto list = lists->find(wish);
    if (list == lists->end() || list->second.rows.empty() || list->second.until < std::chrono::steady_clock::now())
      return std::nullopt;
    auto row = std::move(list->second.rows.back());
    list->second.rows.pop_back();
    return row;
  }

  void keep(const std::string& wish, std::vector<Row> rows) {
    const auto now = std::chrono::steady_clock::now();
    auto lists = lists_.lock();
    std::erase_if(*lists, [&](const auto& list) { return list.second.until < now; });
    (*lists)[wish] = {std::move(rows), now + kFresh};
  }

  Locked<std::map<std::string, Found>> lists_;
};

}  // namespace libra::store::mysql
