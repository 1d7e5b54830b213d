#include "lib/seal/answerer.h"

#include "lib/log/log.h"
#include "lib/seal/greeting.h"
#include "lib/tls/digest.h"

namespace libra::seal {

namespace {

constexpr log::Logger kLog{"seal"};
constexpr std::size_t kMostAskers = 16;  // controllers; one that is forgotten shows its certificate again

bool looksSealed(std::string_view bytes) {
  constexpr std::string_view kSequence = "\x30\x82";  // an envelope is longer than what fits one byte of length
  return bytes.starts_with(kGreeting) || bytes.starts_with(kSequence) || bytes.starts_with("\x30\x83");
}

std::string textOr(Result<std::string> sealed) {
  if (sealed) return *std::move(sealed);
  kLog.error("no answer: {}: {}", sealed.error().message, sealed.error().detail);
  return {};
}

std::string secondsText(Time::duration time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time).count());
}

}  // namespace

std::string Answerer::answer(const std::string& envelope) {
  if (options_.plain && !looksSealed(envelope)) return handler_(envelope);
  const auto opened = open(envelope);
  if (opened && opened->secret) return answerOpened(envelope, *opened);
  if (!envelope.starts_with(kGreeting))
    kLog.warn("a job that is not sealed for us, by somebody we know, is refused: {}",
              opened ? "everybody could read it" : opened.error().message);
  return introduce(envelope);
}

std::string Answerer::introduce(std::string_view envelope) {
  return textOr(hand_.sign(
      writeLetter({Letter::Kind::Introduction, options_.asker, tls::sha256Hex(envelope), clock_.now(), {}})));
}

std::string Answerer::answerOpened(std::string_view envelope, const Opened& opened) {
  const auto letter = readLetter(opened.content);
  const auto why = objection(opened, letter);
  if (why.empty())
    remember(opened.signer);
  else
    kLog.warn("a sealed job is refused: {}", why);
  const auto kind = why.empty() ? Letter::Kind::Answer : Letter::Kind::Refusal;
  const auto body = why.empty() ? handler_(letter->body) : why;
  const auto answer = writeLetter({kind, options_.asker, tls::sha256Hex(envelope), clock_.now(), body});
  return textOr(hand_.seal(answer, *opened.signer.certificate, Hand::Enclose::Nothing));
}

Result<Opened> Answerer::open(const std::string& envelope) {
  const auto known = *askers_.lock();
  return hand_.open(envelope, known);
}

void Answerer::remember(const Signer& asker) {
  auto askers = askers_.lock();
  std::erase_if(*askers,
                [&](const Signer& each) { return X509_cmp(each.certificate.get(), asker.certificate.get()) == 0; });
  if (askers->size() >= kMostAskers) askers->erase(askers->begin());
  askers->push_back(asker);
}

// Empty: none.
std::string Answerer::objection(const Opened& opened, const std::optional<Letter>& letter) {
  if (!opened.signer.is(options_.asker)) return "its signer may not ask";
  if (!letter || letter->kind != Letter::Kind::Question) return "it is no question";
  if (letter->to != options_.name) return "it is meant for " + letter->to;
  const auto age = clock_.now() - letter->at;
  if (age > kFresh || age < -kFresh) return "it was written " + secondsText(age) + " s ago by our clock";
  return isNew(*letter) ? "" : "it was asked before";
}

bool Answerer::isNew(const Letter& letter) {
  auto seen = seen_.lock();
  while (!seen->empty() && seen->begin()->first < clock_.now() - kFresh) seen->erase(seen->begin());
  return seen->emplace(letter.at, letter.about).second;
}

Result<Answerer::Handler> answering(const tls::Files& files, const Clock& clock, Answerer::Options options,
                                    Answerer::Handler handler) {
  if (options.plain && files.certificate.empty()) return handler;
  auto hand = Hand::open(files);
  if (!hand) return hand.error();
  auto answerer = std::make_shared<Answerer>(*std::move(hand), clock, std::move(options), std::move(handler));
  return Answerer::Handler([answerer](const std::string& envelope) { return answerer->answer(envelope); });
}

}  // namespace libra::seal
