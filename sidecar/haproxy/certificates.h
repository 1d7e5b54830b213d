#pragma once

// TLS towards clients and nodes, as HAProxy holds it. A load balancer with TLS has one of the
// TLS listeners "t1", "t2", … to itself, whatever slot it is in. Stores: "tls/t5.pem" is what
// listener t5 shows to everybody, "tls/t5/_.example.com" to those who ask for *.example.com.
// An authority of nodes is "tls/0a1b….ca"; its name tells its content.

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/clock.h"
#include "lib/base/result.h"
#include "lib/protocol/device_state.h"
#include "sidecar/haproxy/proxy_state.h"

namespace libra::sidecar::haproxy {

constexpr int kTlsListeners = 16;  // eight load balancers, and eight that have just left

struct StoreName {
  int listener = 0;
  std::string host{};  // "": everybody who is shown no other

  std::string text() const;
  static std::optional<StoreName> parse(std::string_view text);
};

std::string listenerName(int listener);
std::optional<int> listenerOf(std::string_view name);  // "t5"
std::string hostListOf(int listener);                  // "tls/t5.list"
std::string hostListEntry(const StoreName& store);     // "tls/t5/_.example.com *.example.com"

// What stands for a certificate and its chain where they are told or compared. Nothing of the key.
std::string digestOf(const protocol::CertificateState& certificate);

// Of the way nodes are spoken with, for the names of servers: 16 hexadecimal digits.
std::string digestOf(const protocol::NodeTlsState& tls);
std::string authorityName(const std::string& digest);
bool isAuthorityName(std::string_view text);

// As sidecar/tls/understand.h has it, within what HAProxy takes.
Status understand(protocol::LoadBalancerState& balancer);

// As live() tells it: digests in the place of certificates and authorities, no key.
void hideCertificates(protocol::LoadBalancerState& balancer);

// All that the proxy holds for the load balancer's TLS on this listener.
void layOutCertificates(const protocol::TlsState& tls, int listener, ProxyState& target);

// The certificates on a listener, digests for certificates; those of hosts in order.
void describeCertificates(const ProxyState& live, int listener, protocol::TlsState& tls);

// The files of all this for a start, by name: what is in no store of `state` is a placeholder.
Result<std::map<std::string, Secret>> certificateFiles(const ProxyState& state, Time now);

// What a listener shows that no load balancer has. Nobody is led there.
Result<Store> placeholder(Time now);

}  // namespace libra::sidecar::haproxy
