#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "lib/base/net_address.h"
#include "lib/base/secret.h"

namespace libra::sidecar::haproxy {

enum class Admin { Ready, Drain, Maintenance };  // in the order of what they still let in

// Of a node that is spoken with by TLS. Not read back: the server's name stands for it.
struct ServerTls {
  bool verify = false;
  bool own_authority = false;  // else, when verified, by the system's
  std::string host{};          // "": no name is sent nor expected
  bool operator==(const ServerTls&) const = default;
};

struct Server {
  NetAddress address;
  std::uint16_t port = 0;
  int weight = 1;
  Admin admin = Admin::Ready;
  bool backup = false;
  std::optional<ServerTls> tls{};
  bool operator==(const Server&) const = default;

  // Out of traffic for good, waiting for its quarantine to end. Tenants' weights
  // begin at 1, so nothing wanted ever looks like this.
  bool retired() const { return admin == Admin::Maintenance && weight == 0; }
};

// Totals since the proxy started; a baseline may be negative after a move between slots.
struct Counters {
  std::int64_t bytes_in = 0, bytes_out = 0, connections = 0, requests = 0;
  std::array<std::int64_t, 5> statuses{};  // answers 1xx to 5xx
  bool operator==(const Counters&) const = default;

  Counters& operator+=(const Counters& more) { return add(more, 1); }
  Counters& operator-=(const Counters& less) { return add(less, -1); }

 private:
  Counters& add(const Counters& other, int sign) {
    bytes_in += sign * other.bytes_in;
    bytes_out += sign * other.bytes_out;
    connections += sign * other.connections;
    requests += sign * other.requests;
    for (std::size_t i = 0; i < statuses.size(); ++i) statuses[i] += sign * other.statuses[i];
    return *this;
  }
};

using Entries = std::map<std::string, std::string>;
using Servers = std::map<std::string, Server>;  // by name

// A certificate under a name of HAProxy's.
struct Store {
  std::string fingerprint{};
  bool listed = true;  // shown to those who ask for its host
  Secret bundle{};     // only of what is wanted: with chain and key, in PEM
  bool operator==(const Store& other) const { return fingerprint == other.fingerprint && listed == other.listed; }
};

// What a HAProxy runs, as far as we drive it: read from it, or wanted of it.
struct ProxyState {
  Entries device;                          // numbers all: "generation"; "suspended", 1, while suspended;
                                           // "edition": see editionOf()
  Entries balancers;                       // slot → descriptor of the load balancer in it
  Entries vips;                            // "address:port" or "*:port" → "s3", or "s3.tls" where clients speak TLS;
                                           // what makes a load balancer visible
  Entries access;                          // access lists, see attachments.h
  Entries pages;                           // error pages, likewise
  Entries drains;                          // "slot/node" of each draining node → Unix time of its end, "0": none
  Entries certificates;                    // store → digest of what was put into it, "-" until it was
  std::map<std::string, Servers> servers;  // by backend
  std::map<std::string, Store> stores;     // those of load balancers, by name; see certificates.h
  Entries authorities;                     // of nodes, name → PEM; "" when it is read
  std::string transaction{};               // a store somebody began to change
  bool operator==(const ProxyState&) const = default;
};

}  // namespace libra::sidecar::haproxy
