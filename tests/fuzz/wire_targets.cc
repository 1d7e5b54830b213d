// What strangers may put on the wire between controllers and devices: sealed jobs,
// certificates, heartbeats, the namespace helper's messages, and what neighbours say of addresses.

#include <openssl/x509.h>

#include <filesystem>
#include <memory>

#include "controller/provider/netns_message.h"
#include "lib/base/handles.h"
#include "lib/base/ids.h"
#include "lib/heartbeat/beat.h"
#include "lib/heartbeat/endpoint.h"
#include "lib/heartbeat/notice.h"
#include "lib/protocol/vip_claim.h"
#include "lib/seal/answerer.h"
#include "lib/seal/asker.h"
#include "lib/seal/base64.h"
#include "lib/seal/letter.h"
#include "lib/tls/authority.h"
#include "lib/tls/names.h"
#include "lib/tls/roles.h"
#include "sidecar/vip/frames.h"
#include "tests/fuzz/targets.h"

namespace libra::fuzz {

namespace {

void letter(std::string_view bytes) {
  const auto read = seal::readLetter(bytes);
  if (!read) return;
  const auto again = seal::readLetter(seal::writeLetter(*read));
  require(again && again->about == read->about && again->at == read->at && again->body == read->body);
}

tls::Files filesOf(const std::string& folder, const char* name, const std::string& uri) {
  const auto validity = tls::validFor(SystemClock().now(), 1);
  static const auto authority = *tls::createAuthority("fuzz", validity);
  auto files = *tls::writeIdentity(folder, name,
                                   *tls::issueCertificate(authority, {.common_name = name, .uri = {uri}}, validity));
  files.ca = tls::writeIdentity(folder, "ca", authority)->certificate;
  return files;
}

struct Ends {
  Ends() {
    const std::string folder = "/dev/shm/libra-fuzz-" + randomHex(4);
    std::filesystem::create_directory(folder);
    hand = *seal::Hand::open(filesOf(folder, "device", tls::deviceUri("dev")));
    std::filesystem::remove_all(folder);
  }
  SystemClock clock;
  std::optional<seal::Hand> hand;
};

// Nobody's bytes are a job, and what they get for it is signed.
void envelope(std::string_view bytes) {
  static const Ends ends;
  static seal::Answerer device(*ends.hand, ends.clock, {tls::deviceUri("dev"), tls::kControllerUri, false},
                               [](const std::string&) -> std::string { __builtin_trap(); });
  static seal::Asker asker(*ends.hand, ends.clock);
  require(!asker.read(tls::deviceUri("dev"), "question", bytes));
  if (bytes.size() % 16 == 0) require(bool(ends.hand->open(device.answer(std::string(bytes)))));
}

void certificate(std::string_view bytes) {
  using Certificate = std::unique_ptr<X509, FreeWith<X509_free>>;
  const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
  const Certificate read(d2i_X509(nullptr, &at, static_cast<long>(bytes.size())));
  if (!read) return;
  for (const auto& names : {tls::dnsNames(read.get()), tls::uris(read.get())})
    for (const auto& name : names) require(name.find('\0') == name.npos);
}

void beat(std::string_view bytes) {
  static const heartbeat::Key key({});
  const heartbeat::Bytes datagram(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  (void)heartbeat::sessionOf(datagram);
  if (const auto read = heartbeat::open(datagram, key)) {
    const auto again = heartbeat::seal(*read, key);
    require(again && heartbeat::open(*again, key) == read);
  }
}

void notice(std::string_view bytes) {
  if (const auto read = heartbeat::readNotice(bytes)) require(heartbeat::readNotice(heartbeat::write(*read)) == read);
  (void)heartbeat::Endpoint::parse(bytes);
}

void neighbour(std::string_view bytes) {
  const auto claim = sidecar::readClaim(bytes);
  if (claim) require(sidecar::readClaim(sidecar::addressQuestion(claim->address, claim->by)) == claim);
  const auto shown = sidecar::readSignedClaim(bytes);
  if (shown) require(sidecar::readSignedClaim(sidecar::signedClaimFrame(*shown, shown->by)) == shown);
}

// What a controller signed for a device to show, and the text it comes in.
void claim(std::string_view bytes) {
  if (const auto read = protocol::readVipClaim(bytes))
    require(protocol::readVipClaim(protocol::writeVipClaim(*read)) == read);
  if (const auto read = seal::fromBase64(bytes)) require(seal::fromBase64(seal::toBase64(*read)) == read);
}

void helper(std::string_view bytes) {
  using namespace provider::netns;
  if (const auto request = readRequest(bytes)) require(bool(readRequest(write(*request))));
  if (const auto answer = readAnswer(bytes)) require(bool(readAnswer(write(*answer))));
}

}  // namespace

std::map<std::string_view, Target> wireTargets() {
  return {{"letter", letter}, {"envelope", envelope}, {"certificate", certificate}, {"beat", beat},
          {"notice", notice}, {"helper", helper},     {"neighbour", neighbour},     {"claim", claim}};
}

}  // namespace libra::fuzz
