// Replays what the fuzzers know (tests/fuzz/corpus), findings included.

#include <gtest/gtest.h>

#include <filesystem>

#include "lib/base/files.h"
#include "tests/fuzz/targets.h"
#include "tests/support/paths.h"

namespace libra::fuzz {
namespace {

std::string folderOf(std::string_view target) {
  return test::sourceDir() + "/tests/fuzz/corpus/" + std::string(target);
}

class Corpus : public testing::TestWithParam<std::string_view> {};

TEST_P(Corpus, IsSurvived) {
  int seen = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folderOf(GetParam()))) {
    SCOPED_TRACE(entry.path().filename());
    const auto bytes = readFile(entry.path());
    ASSERT_TRUE(bytes);
    targets().at(GetParam())(*bytes);
    ++seen;
  }
  EXPECT_GT(seen, 0);
}

TEST_P(Corpus, OfNothingIsSurvived) { targets().at(GetParam())(""); }

std::vector<std::string_view> names() {
  std::vector<std::string_view> all;
  for (const auto& [name, target] : targets()) all.push_back(name);
  return all;
}

INSTANTIATE_TEST_SUITE_P(Of, Corpus, testing::ValuesIn(names()), [](const auto& tested) {
  std::string name(tested.param);
  for (char& c : name)
    if (c == '-') c = '_';
  return name;
});

}  // namespace
}  // namespace libra::fuzz
