#pragma once

// A load balancer lives in a slot: a group of backends which exist from boot, one per
// combination of mode, way of balancing and kind of check. Names on the stats socket:
// slot "s3", backend "s3_http_rr_connect", or "s3_plain" for a plain one of the same, server "n501-30s2-g2" (node 501,
// checked every 30 s, 2 attempts, second generation), "n501-30s2b" (backup), "n501-30s2p" (gets the PROXY header),
// "n501-30s2t0123456789abcdef" (is spoken with by TLS, in the way that has this digest).

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/protocol/terms.h"
#include "sidecar/haproxy/option_class.h"

namespace libra::sidecar::haproxy {

struct Slot {
  int number = 0;
  OptionClass option_class;

  static std::string nameOf(int number) { return "s" + std::to_string(number); }
  std::string name() const { return nameOf(number); }
};

// The slot that a VIP leads to: "s3" of "s3" and of "s3.tls".
std::string slotOf(std::string_view way);

// Every slot of the configuration, numbered from 1, those of the default class first.
const std::vector<Slot>& allSlots();
const Slot* slotNamed(std::string_view name);

enum class Mode { Http, Tcp };
enum class Balance { RoundRobin, LeastConnections, Random };  // HAProxy's weigh the servers, all three

struct Variant {
  int slot = 0;
  Mode mode = Mode::Http;
  Balance balance = Balance::RoundRobin;
  MonitorType check = MonitorType::Connect;
  bool plain = false;  // of HTTP: adds the three forwarding headers and has no rule that asks (see isPlain())
  bool operator==(const Variant&) const = default;

  std::string name() const;
  static std::optional<Variant> parse(std::string_view backend);
};

// The backends of one slot, TCP ones only where that is all its class is for, plain ones in the default class. The
// first TCP one also holds the slot's table of sources.
std::vector<Variant> variantsOf(int slot);
std::string sourceTable(int slot);

std::string drainKey(int slot, const std::string& node);

struct ServerName {
  std::string node;
  long delay = 30;  // seconds between checks, fixed at the server's birth; 0: the sidecar checks it
  int attempts = 2;
  int generation = 1;
  bool proxy = false;   // told of its clients by the PROXY protocol
  std::string tls{};    // digest of the way it is spoken with by TLS; "": without
  bool backup = false;  // gets what the others cannot take
  bool operator==(const ServerName&) const = default;

  std::string text() const;
  static std::optional<ServerName> parse(std::string_view text);
};

}  // namespace libra::sidecar::haproxy
