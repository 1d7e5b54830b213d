#include "tests/chaos/impostor.h"

#include <filesystem>
#include <stdexcept>

#include "lib/seal/asker.h"
#include "lib/seal/greeting.h"
#include "lib/seal/letter.h"
#include "lib/tls/digest.h"
#include "lib/tls/roles.h"

namespace libra::test {

namespace {

using std::chrono::seconds;

constexpr seconds kPatience{2};
constexpr const char* kOrder = R"({"hpcs_action":"DELETE"})";
constexpr const char* kLie = R"({"hpcs_action":"UPDATE","hpcs_response":"PASS"})";

// Writes and sends until there is an answer: the first time the device introduces itself.
Result<std::string> ask(seal::Asker& asker, gear::Client& client, const std::string& device) {
  for (;;) {
    const auto job = asker.write(tls::deviceUri(device), kOrder);
    if (!job) return job.error();
    const auto answer = client.call(device, *job, kPatience);
    if (!answer) return answer.error();
    const auto text = asker.read(tls::deviceUri(device), *job, *answer);
    if (!text) return text.error();
    if (*text) return **text;
  }
}

}  // namespace

Impostor::Impostor(const Lab& lab, const std::string& device) : lab_(lab) {
  std::filesystem::copy(lab.path("devices/" + device + "/tls"), folder_ / "tls");
  const auto file = [this](const char* name) { return folder_ / "tls/" + name; };
  connection_ = {.servers = {"10.77.0.2:4731", "10.77.0.2:4732"},
                 .ca = file("ca.crt"),
                 .certificate = file("device.crt"),
                 .key = file("device.key")};
  auto hand = seal::Hand::open({connection_.ca, connection_.certificate, connection_.key});
  if (!hand) throw std::runtime_error("the stolen identity: " + hand.error().message);
  hand_ = std::make_unique<seal::Hand>(*std::move(hand));
}

int Impostor::order(const std::vector<std::string>& devices) {
  int refused = 0;
  lab_.inside("client", [&] {
    const auto pipe = gear::TlsPipe::open(connection_);
    if (!pipe) return;
    seal::Asker asker(*hand_, clock_);
    gear::Client client(**pipe, "impostor");
    for (const auto& device : devices) {
      const auto answer = ask(asker, client, device);
      if (answer) achieved_.lock()->push_back(device + " obeyed somebody who is no controller: " + *answer);
      refused += !answer && answer.error().detail.find("refused: ") != std::string::npos;
    }
  });
  return refused;
}

void Impostor::serveInsteadOf(const std::vector<std::string>& devices) {
  lab_.inside("client", [&] {
    for (const auto& device : devices) {
      auto worker = std::make_unique<gear::Worker>(connection_, device, "impostor-" + device,
                                                   [this, device](const auto& job) { return take(device, job); });
      if (worker->start()) served_.push_back(std::move(worker));
    }
  });
}

void Impostor::stop() { served_.clear(); }

std::string Impostor::take(const std::string& device, const std::string& job) {
  ++taken_;
  const auto opened = hand_->open(job);
  if (opened && opened->secret) achieved_.lock()->push_back("read a job that was for " + device);
  const bool greeted = job.starts_with(seal::kGreeting);
  const auto kind = greeted ? seal::Letter::Kind::Introduction : seal::Letter::Kind::Answer;
  const auto lie = hand_->sign(seal::writeLetter(
      {kind, tls::kControllerUri, tls::sha256Hex(job), clock_.now(), greeted ? std::string() : std::string(kLie)}));
  return lie ? *lie : std::string();
}

}  // namespace libra::test
