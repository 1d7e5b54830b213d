#include "controller/service/breaker.h"

#include <algorithm>

#include "lib/log/log.h"

namespace libra::service {

namespace {

constexpr log::Logger kLog{"breaker"};
constexpr const char* kBlind =
    "no device is heard: more likely this controller is cut off than all of them are dead, so silence moves none";

}  // namespace

bool Breaker::admit(const std::string& device, const std::set<std::string>& domains, const Fleet& fleet) {
  auto books = books_.lock();
  const Instant now = clock_.monotonic();
  while (!books->moves.empty() && books->moves.front() + options_.window <= now) books->moves.pop_front();
  const auto why = now < books->closed_until ? "" : objection(*books, domains, fleet, now);
  if (why.empty()) {
    books->moves.push_back(now);
    for (const auto& domain : domains) books->domain[domain] = now;
    books->waiting.erase(device);
    return true;
  }
  if (books->waiting.empty()) kLog.error("open: {}", why);
  books->waiting.insert(device);
  books->reason = why;
  return false;
}

// "": none.
std::string Breaker::objection(Books& books, const std::set<std::string>& domains, const Fleet& fleet,
                               Instant now) const {
  for (const auto& name : domains) {
    const auto domain = fleet.domains.find(name);
    if (domain == fleet.domains.end() || domain->second.devices < options_.least_domain) continue;
    if (domain->second.silent < domain->second.devices) continue;
    const auto last = books.domain.find(name);
    if (last != books.domain.end() && now < last->second + options_.domain_pause)
      return "all " + std::to_string(domain->second.devices) + " devices of " + name + " fell silent together";
  }
  const int free_moves = std::max(options_.free_moves, static_cast<int>(options_.free_share * fleet.devices));
  if (static_cast<int>(books.moves.size()) < free_moves || now >= books.moves.back() + options_.pause) return "";
  return std::to_string(books.moves.size()) + " devices failed over within " + std::to_string(options_.window.count()) +
         " s";
}

void Breaker::done(const std::string& device) {
  auto books = books_.lock();
  if (books->waiting.erase(device) == 0 || !books->waiting.empty()) return;
  kLog.info("closed: nobody waits any more");
}

void Breaker::blind(bool yes) { books_.lock()->blind = yes; }

void Breaker::closeByHand() {
  auto books = books_.lock();
  books->closed_until = clock_.monotonic() + options_.closed_for;
  kLog.warn("closed by hand for {} s, {} devices were waiting", options_.closed_for.count(), books->waiting.size());
}

Breaker::State Breaker::state() {
  auto books = books_.lock();
  const int waiting = static_cast<int>(books->waiting.size());
  if (waiting > 0) return {true, books->reason, waiting};
  return {books->blind, books->blind ? kBlind : "", 0};
}

}  // namespace libra::service
