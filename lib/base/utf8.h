#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace libra {

// Bytes of the well-formed UTF-8 sequence at the start of `text` (1-4), 0 when it
// is empty or malformed: overlong, surrogate, beyond U+10FFFF, cut off.
std::size_t utf8SequenceLength(std::string_view text);

bool isUtf8(std::string_view text);

// The text with each malformed byte replaced by U+FFFD.
std::string repairUtf8(std::string_view text);

// The longest start of well-formed `text` that has at most `bytes` bytes and splits no character.
std::string_view utf8Prefix(std::string_view text, std::size_t bytes);

}  // namespace libra
