#pragma once

#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/locked.h"
#include "lib/seal/hand.h"
#include "lib/seal/letter.h"

namespace libra::seal {

// The other end of Asker: opens questions, gives them to `handler` and seals what it says.
// Refused, and never seen by the handler: what is not signed by `asker` for us, what was
// written longer ago (or later) than kFresh by our clock, and what was asked before in the
// life of this object. To what it cannot open it introduces itself. Thread-safe if the
// handler is.
class Answerer {
 public:
  using Handler = std::function<std::string(const std::string& body)>;
  static constexpr std::chrono::seconds kFresh{300};

  struct Options {
    std::string name;    // our URI: "libra:device:lb-7"
    std::string asker;   // theirs: "libra:controller"
    bool plain = false;  // what is not sealed goes to the handler as it is, and so does its answer back
  };

  Answerer(Hand hand, const Clock& clock, Options options, Handler handler)
      : hand_(std::move(hand)), clock_(clock), options_(std::move(options)), handler_(std::move(handler)) {}

  std::string answer(const std::string& envelope);  // of any bytes; "" when ours cannot be signed

 private:
  std::string introduce(std::string_view envelope);
  std::string answerOpened(std::string_view envelope, const Opened& opened);
  Result<Opened> open(const std::string& envelope);
  void remember(const Signer& asker);
  std::string objection(const Opened& opened, const std::optional<Letter>& letter);
  bool isNew(const Letter& letter);

  const Hand hand_;
  const Clock& clock_;
  const Options options_;
  const Handler handler_;
  Locked<std::vector<Signer>> askers_;                   // who asked lately
  Locked<std::set<std::pair<Time, std::string>>> seen_;  // questions still fresh
};

// A handler of envelopes for one of plain texts: with `plain` and no certificate, itself.
Result<Answerer::Handler> answering(const tls::Files& files, const Clock& clock, Answerer::Options options,
                                    Answerer::Handler handler);

}  // namespace libra::seal
