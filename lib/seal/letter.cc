#include "lib/seal/letter.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace libra::seal {

namespace {

constexpr std::string_view kVersion = "libra-seal/1";
constexpr std::size_t kLongestHead = 512;
constexpr std::int64_t kLastMoment = 4'102'444'800'000;  // the year 2100 in ms: far from what Time cannot hold

constexpr std::array<std::pair<std::string_view, Letter::Kind>, 4> kKinds{
    {{"question", Letter::Kind::Question},
     {"answer", Letter::Kind::Answer},
     {"refusal", Letter::Kind::Refusal},
     {"introduction", Letter::Kind::Introduction}}};

std::string_view takeWord(std::string_view& line) {
  const auto end = line.find(' ');
  const auto word = line.substr(0, end);
  line = end == line.npos ? std::string_view() : line.substr(end + 1);
  return word;
}

std::optional<Letter::Kind> kindOf(std::string_view word) {
  for (const auto& [name, kind] : kKinds)
    if (name == word) return kind;
  return std::nullopt;
}

bool isHex(std::string_view word) { return !word.empty() && word.find_first_not_of("0123456789abcdef") == word.npos; }

std::optional<Time> timeOf(std::string_view word) {
  std::int64_t ms = -1;
  const auto [end, failed] = std::from_chars(word.data(), word.data() + word.size(), ms);
  if (failed != std::errc() || end != word.data() + word.size() || ms < 0 || ms > kLastMoment) return std::nullopt;
  return Time(std::chrono::milliseconds(ms));
}

}  // namespace

std::string writeLetter(const Letter& letter) {
  const auto kind =
      std::find_if(kKinds.begin(), kKinds.end(), [&](const auto& each) { return each.second == letter.kind; });
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(letter.at.time_since_epoch()).count();
  std::string text(kVersion);
  for (const std::string& word : {std::string(kind->first), letter.to, letter.about, std::to_string(ms)})
    text += ' ' + word;
  return text + '\n' + letter.body;
}

std::optional<Letter> readLetter(std::string_view text) {
  const auto end = text.substr(0, kLongestHead).find('\n');
  if (end == text.npos) return std::nullopt;
  auto line = text.substr(0, end);
  if (takeWord(line) != kVersion) return std::nullopt;
  const auto kind = kindOf(takeWord(line));
  Letter letter;
  letter.to = takeWord(line);
  letter.about = takeWord(line);
  const auto at = timeOf(line);
  if (!kind || letter.to.empty() || !isHex(letter.about) || !at) return std::nullopt;
  letter.kind = *kind;
  letter.at = *at;
  letter.body = text.substr(end + 1);
  return letter;
}

}  // namespace libra::seal
