#pragma once

#include <set>
#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "sidecar/haproxy/proxy_state.h"
#include "sidecar/haproxy/runtime_socket.h"

namespace libra::sidecar::haproxy {

// Reads the stores with load balancers' certificates as far as `state.certificates` or their
// names tell, the authorities of nodes and whether somebody is in the middle of a change, from
// the answers of `show ssl cert` and `show ssl ca-file` and what else has to be asked.
Status readCertificates(RuntimeSocket& socket, std::string_view certificates, std::string_view authorities,
                        ProxyState& state);

// "SHA1 FingerPrint: 8D51…" of `show ssl cert NAME`; "" when there is no certificate in it.
std::string readFingerprint(std::string_view answer);

// The names of a list: "# filename\ntls/t1.pem\n"; in `show ssl ca-file` more follows a name.
// One with an asterisk has an open transaction.
struct FileNames {
  std::set<std::string> names;
  std::string transaction;
};
FileNames readFileNames(std::string_view answer);

}  // namespace libra::sidecar::haproxy
