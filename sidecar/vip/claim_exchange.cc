#include "sidecar/vip/claim_exchange.h"

#include <algorithm>

#include "lib/log/log.h"
#include "lib/seal/base64.h"
#include "lib/tls/roles.h"

namespace libra::sidecar {

namespace {

constexpr log::Logger kLog{"claims"};
constexpr Millis kLook{500};
constexpr Millis kOverslept{100};   // who is called so much later than he wanted was not there
constexpr Millis kShowAgain{1000};  // to whoever says without a signature that he has a VIP
constexpr std::chrono::minutes kTellAgain{1};
constexpr int kAskTimes = 3;       // after the link's return; some of what is sent first is lost on switches
constexpr int kMostVerified = 10;  // in each kLook
constexpr int kMostFrames = 64;    // at a time: others have work on this loop

}  // namespace

Result<std::unique_ptr<ClaimExchange>> ClaimExchange::open(const std::string& interface, const tls::Files& files,
                                                           EventLoop& loop, const Clock& clock, Events events) {
  auto arp = PacketSocket::open(interface, PacketSocket::Hears::Arp);
  if (!arp) return arp.error();
  auto discovery = PacketSocket::open(interface, PacketSocket::Hears::NeighbourDiscovery);
  if (!discovery) return discovery.error();
  auto claims = PacketSocket::open(interface, PacketSocket::Hears::SignedClaims);
  if (!claims) return claims.error();
  const auto mac = arp->mac();
  if (!mac) return mac.error();
  auto link = Netlink::open(interface);
  if (!link) return link.error();
  auto hand = seal::Hand::open(files);
  if (!hand) return hand.error();
  return std::unique_ptr<ClaimExchange>(new ClaimExchange({*std::move(arp), *std::move(discovery), *std::move(claims)},
                                                          *mac, *std::move(link), *std::move(hand), loop, clock,
                                                          std::move(events)));
}

ClaimExchange::ClaimExchange(Ears ears, const MacAddress& mac, Netlink link, seal::Hand hand, EventLoop& loop,
                             const Clock& clock, Events events)
    : ears_(std::move(ears)),
      mac_(mac),
      link_(std::move(link)),
      hand_(std::move(hand)),
      loop_(loop),
      clock_(clock),
      events_(std::move(events)),
      link_losses_(link_.linkLosses() ? *link_.linkLosses() : 0),
      awake_(clock.monotonic()) {
  for (const auto* ear : {&ears_.arp, &ears_.discovery})
    readable_.push_back(std::make_unique<Readable>(loop, ear->fd(), [this, ear] { hearAddresses(*ear); }));
  readable_.push_back(std::make_unique<Readable>(loop, ears_.claims.fd(), [this] { hearClaims(); }));
  look_.every(kLook);
}

void ClaimExchange::hold(const std::vector<protocol::VirtualIpState>& vips) {
  loop_.post([this, vips] {
    std::map<NetAddress, Ours> ours;
    for (const auto& vip : vips) {
      auto claim = seal::fromBase64(vip.claim).value_or("");
      if (claim.size() > kLongestSignedClaim) {
        kLog.warn("the claim to {} is too long to be shown to a neighbour: {} bytes", vip.address.str(), claim.size());
        claim.clear();
      }
      ours[vip.address] = {vip.epoch, std::move(claim), ours_[vip.address].shown};
    }
    ours_.swap(ours);
    hearOfOurs();
  });
}

// A device is not woken up by what others on its network have to say to each other.
void ClaimExchange::hearOfOurs() {
  std::set<NetAddress> vips;
  for (const auto& [vip, claim] : ours_) vips.insert(vip);
  if (heard_of_ == vips) return;
  for (const auto* ear : {&ears_.arp, &ears_.discovery})
    if (const auto heard = ear->hearOnly(vips); !heard)
      kLog.warn("neighbours are heard as before: {}", heard.error().detail);
  heard_of_ = std::move(vips);
}

void ClaimExchange::hearAddresses(const PacketSocket& ear) {
  for (int i = 0; i < kMostFrames; ++i) {
    const auto frame = ear.receive(Millis(0));
    if (frame.empty()) return;
    const auto claim = readClaim(frame);
    const auto ours = claim && claim->by != mac_ ? ours_.find(claim->address) : ours_.end();
    if (ours == ours_.end() || clock_.monotonic() < ours->second.shown + kShowAgain) continue;
    ours->second.shown = clock_.monotonic();
    show(claim->address, claim->by);
  }
}

void ClaimExchange::hearClaims() {
  for (int i = 0; i < kMostFrames; ++i) {
    const auto frame = ears_.claims.receive(Millis(0));
    if (frame.empty()) return;
    if (const auto claim = readSignedClaim(frame); claim && claim->by != mac_) judge(*claim);
  }
}

void ClaimExchange::judge(const SignedClaim& claim) {
  const auto said = verified(claim);
  const auto ours = said ? ours_.find(said->address) : ours_.end();
  if (ours == ours_.end() || said->epoch == ours->second.epoch) return;
  if (said->epoch > ours->second.epoch) {
    kLog.warn("{} is device {}'s, as it shows: epoch {} over {}", said->address.str(), said->device, said->epoch,
              ours->second.epoch);
    return events_.outranked(said->address, said->epoch);
  }
  show(said->address, claim.by);
  if (!isInDoubt()) events_.defended(said->address);
}

std::optional<protocol::VipClaim> ClaimExchange::verified(const SignedClaim& claim) {
  if (verified_ >= kMostVerified) return std::nullopt;
  ++verified_;
  const auto opened = hand_.open(claim.bytes);
  if (opened && opened->signer.is(tls::kControllerUri)) return protocol::readVipClaim(opened->content);
  tellUnsigned(opened ? "signed by another" : opened.error().message);
  return std::nullopt;
}

void ClaimExchange::tellUnsigned(const std::string& why) {
  if (clock_.monotonic() < told_) return;
  told_ = clock_.monotonic() + kTellAgain;
  kLog.warn("a neighbour shows a claim that no controller signed, which changes nothing: {}", why);
}

void ClaimExchange::show(const NetAddress& vip, const MacAddress& to) {
  const auto& ours = ours_.at(vip);
  if (ours.claim.empty()) return;
  kLog.warn("a neighbour says that it has {} or asks for it: it is shown our claim, epoch {}", vip.str(), ours.epoch);
  if (const auto sent = ears_.claims.send(signedClaimFrame({mac_, ours.claim}, to)); !sent)
    kLog.warn("our claim to {} cannot be shown: {}", vip.str(), sent.error().detail);
}

void ClaimExchange::look() {
  verified_ = 0;
  if (wasAway()) questions_ = kAskTimes;
  if (questions_ > 0 && ears_.arp.hasCarrier()) ask();
}

// Another device may have been given what is ours meanwhile.
bool ClaimExchange::wasAway() {
  const auto now = clock_.monotonic();
  const bool slept = now > std::exchange(awake_, now) + kLook + kOverslept;
  const auto losses = link_.linkLosses();
  return (losses && std::exchange(link_losses_, *losses) != *losses) || slept;
}

// Until it has asked everybody, what it holds may be another's.
bool ClaimExchange::isInDoubt() const { return questions_ > 0 || clock_.monotonic() > awake_ + kLook + kOverslept; }

// Claims nothing: nobody takes us for the holder by it.
void ClaimExchange::ask() {
  --questions_;
  for (const auto& [vip, ours] : ours_)
    if (const auto sent = ears_.arp.send(addressQuestion(vip, mac_)); !sent)
      kLog.debug("{} cannot be asked for: {}", vip.str(), sent.error().detail);
}

}  // namespace libra::sidecar
