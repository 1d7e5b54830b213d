#pragma once

#include <chrono>
#include <string>

#include "controller/provider/netns_message.h"
#include "controller/service/provider.h"

namespace libra::provider {

// Devices that are network namespaces of this host, made by the privileged
// libra-netns-helper. A connection per call, so calls of several threads do not wait
// for each other here. Unavailable: no helper, no answer in time (the outcome is then
// unknown; all calls may be repeated), or the helper's reason in error().detail.
class NetnsProvider final : public service::Provider {
 public:
  struct Options {
    std::string socket;
    std::string zone;
    std::chrono::milliseconds deadline{20'000};
  };

  explicit NetnsProvider(Options options) : options_(std::move(options)) {}

  Result<model::NewDevice> build(const service::Site& site) override;
  Status destroy(const std::string& name) override;
  Status fence(const std::string& name) override;
  Result<std::vector<std::string>> list() override;
  bool canBuild() const override { return true; }

 private:
  Result<netns::Answer> ask(const netns::Request& request) const;

  const Options options_;
};

}  // namespace libra::provider
