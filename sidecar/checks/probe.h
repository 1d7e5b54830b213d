#pragma once

#include <functional>
#include <memory>
#include <string>

#include "lib/base/net_address.h"
#include "lib/event/timer.h"
#include "lib/net/stream.h"
#include "sidecar/checks/http_answer.h"
#include "sidecar/checks/monitor.h"

namespace libra::sidecar::checks {

struct Finding {
  enum class What { Passed, Failed, Unknown };  // Unknown: we could not look
  What what = What::Unknown;
  std::string reason;  // in words a tenant may read; never what the node sent
};

struct Target {
  NetAddress address;
  std::uint16_t port = 0;
  bool operator==(const Target&) const = default;
};

// One check of one node, from its construction until `done`, which comes once, from the
// loop, within the monitor's timeout. Destroying it ends it without a word. Loop thread only.
class Probe {
 public:
  using Done = std::function<void(Finding)>;  // may destroy the probe

  // `tls` is for HTTPS monitors.
  Probe(EventLoop& loop, std::shared_ptr<const Monitor> monitor, const Target& target, const tls::Context& tls,
        Done done);

 private:
  void connected();
  void received(std::string_view bytes);
  void ended(net::End end, const std::string& why);
  void judge();
  void finish(Finding::What what, std::string reason);

  std::unique_ptr<net::Stream> makeStream(EventLoop& loop, const Target& target, const tls::Context& tls);
  std::string request() const;

  const std::shared_ptr<const Monitor> monitor_;
  const Done done_;
  const std::string host_;  // the monitor's, or the node's address
  HttpAnswer answer_;
  Timer deadline_;
  std::unique_ptr<net::Stream> stream_;
};

}  // namespace libra::sidecar::checks
