#include "lib/seal/asker.h"

#include "lib/base/ids.h"
#include "lib/seal/greeting.h"
#include "lib/seal/letter.h"
#include "lib/tls/digest.h"

namespace libra::seal {

namespace {

constexpr std::size_t kMostKnown = 20'000;  // names come and go; those forgotten introduce themselves again
constexpr std::size_t kIdBytes = 16;

Error unavailable(const std::string& peer, const std::string& why) {
  return Error{ErrorCode::Unavailable, "No answer, try again later", peer + ": " + why};
}

}  // namespace

Result<std::string> Asker::write(const std::string& peer, std::string_view body) {
  const auto reader = known(peer);
  if (!reader) return std::string(kGreeting) + randomHex(kIdBytes);
  return hand_.seal(writeLetter({Letter::Kind::Question, peer, randomHex(kIdBytes), clock_.now(), std::string(body)}),
                    *reader->signer.certificate,
                    reader->knows_us ? Hand::Enclose::Nothing : Hand::Enclose::Certificate);
}

Result<std::optional<std::string>> Asker::read(const std::string& peer, std::string_view sent,
                                               std::string_view answer) {
  const auto before = known(peer);
  auto opened = hand_.open(answer, before ? std::span(&before->signer, 1) : std::span<const Signer>());
  if (!opened) return unavailable(peer, "the answer is not sealed: " + opened.error().message);
  if (!opened->signer.is(peer)) return unavailable(peer, "answered by somebody else");
  auto letter = readLetter(opened->content);
  if (!letter || letter->about != tls::sha256Hex(sent)) return unavailable(peer, "the answer is to something else");
  switch (letter->kind) {
    case Letter::Kind::Answer:
      remember(peer, {std::move(opened->signer), true});
      return std::optional(std::move(letter->body));
    case Letter::Kind::Refusal:
      return unavailable(peer, "refused: " + letter->body);
    case Letter::Kind::Introduction:
      remember(peer, {std::move(opened->signer), false});
      return std::optional<std::string>();
    case Letter::Kind::Question:
      break;
  }
  return unavailable(peer, "asked instead of answering");
}

std::optional<Asker::Acquaintance> Asker::known(const std::string& peer) {
  auto known = known_.lock();
  const auto found = known->find(peer);
  return found == known->end() ? std::nullopt : std::optional(found->second);
}

void Asker::remember(const std::string& peer, Acquaintance acquaintance) {
  auto known = known_.lock();
  if (known->size() >= kMostKnown) known->clear();
  known->insert_or_assign(peer, std::move(acquaintance));
}

}  // namespace libra::seal
