#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/clock.h"
#include "lib/base/locked.h"
#include "lib/seal/hand.h"

namespace libra::seal {

// Asks peers by name over a way where others may read, answer, keep and repeat. Whom it
// does not know yet it greets first; the peer then introduces itself with its certificate.
// Its own certificate goes along until the peer has answered a question.
// Names are URIs in certificates, "libra:device:lb-7". Thread-safe.
class Asker {
 public:
  Asker(Hand hand, const Clock& clock) : hand_(std::move(hand)), clock_(clock) {}

  // What to send to `peer` for an answer to `body`.
  Result<std::string> write(const std::string& peer, std::string_view body);

  // What came back for `sent`: the answer, or nothing when the peer introduced itself, so
  // that the question has to be written again. Unavailable: somebody else answered, or the
  // peer refused; the detail says which.
  Result<std::optional<std::string>> read(const std::string& peer, std::string_view sent, std::string_view answer);

 private:
  struct Acquaintance {
    Signer signer;
    bool knows_us = false;
  };

  std::optional<Acquaintance> known(const std::string& peer);
  void remember(const std::string& peer, Acquaintance acquaintance);

  const Hand hand_;
  const Clock& clock_;
  Locked<std::map<std::string, Acquaintance>> known_;
};

}  // namespace libra::seal
