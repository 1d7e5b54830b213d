#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <set>
#include <string>

#include "lib/base/clock.h"
#include "lib/base/locked.h"

namespace libra::service {

// Holds back mass failovers: as a rate, never as a stop. So many devices at once may fail
// over freely; the others wait for their turn, one after the other. A zone or host group
// of which all devices fell silent together is more likely cut off from us than dead, and
// gets its turns more slowly. Thread-safe.
class Breaker {
 public:
  struct Options {
    int free_moves = 5;        // within `window`, whatever the size of the fleet
    double free_share = 0.02;  // or this share of it, if that is more
    std::chrono::seconds window{10};
    Millis pause{500};                     // between two moves beyond that
    Millis domain_pause{5000};             // between two moves out of a domain that is silent as a whole
    int least_domain = 3;                  // devices; a smaller one is no domain
    std::chrono::seconds closed_for{300};  // by hand
  };

  // What is known of the devices that carry load balancers when one is to move.
  struct Fleet {
    int devices = 0;
    struct Domain {
      int devices = 0, silent = 0;
    };
    std::map<std::string, Domain> domains;  // by "zone/…" and "group/…"
  };
  struct State {
    bool open = false;
    std::string reason;  // "" while closed
    int waiting = 0;
  };

  Breaker(const Clock& clock, const Options& options) : clock_(clock), options_(options) {}

  // Whether `device`, of these domains, may move now; counts it as moved if so. One that
  // may not is to be asked for again; it is remembered as waiting until then or done().
  bool admit(const std::string& device, const std::set<std::string>& domains, const Fleet& fleet);
  void done(const std::string& device);  // it waits no longer, for whatever reason

  // This watcher hears no device at all, so that no silence is a verdict (Watch). Said by the
  // state; whoever is known to be dead by more than silence may move.
  void blind(bool yes);

  void closeByHand();  // lets all go that wait, and what comes in the next minutes
  State state();

 private:
  struct Books {
    std::deque<Instant> moves;              // in the window
    std::map<std::string, Instant> domain;  // last move out of it
    std::set<std::string> waiting;
    std::string reason;
    Instant closed_until{};
    bool blind = false;
  };
  std::string objection(Books& books, const std::set<std::string>& domains, const Fleet& fleet, Instant now) const;

  const Clock& clock_;
  const Options options_;
  Locked<Books> books_;
};

}  // namespace libra::service
