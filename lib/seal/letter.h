#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "lib/base/clock.h"

namespace libra::seal {

// What is signed: a line of text that says what the body is for, and the body. So a signed
// body is good for one reader and one purpose.
struct Letter {
  enum class Kind {
    Question,      // `about`: an id of its own
    Answer,        // `about`, here and below: digest of the envelope it answers
    Refusal,       // the body says why there is no answer
    Introduction,  // "this is my certificate, I could not open yours"; no body
  };
  Kind kind = Kind::Question;
  std::string to;     // the reader's name in its certificate, without blanks
  std::string about;  // lower-case hex
  Time at{};          // when it was written; to the millisecond
  std::string body;
};

std::string writeLetter(const Letter& letter);
std::optional<Letter> readLetter(std::string_view text);  // of any bytes

}  // namespace libra::seal
