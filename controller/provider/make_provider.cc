#include "controller/provider/make_provider.h"

#include "controller/provider/netns_provider.h"
#include "controller/provider/noop_provider.h"
#include "controller/provider/static_provider.h"

namespace libra::provider {

Result<std::unique_ptr<service::Provider>> makeProvider(const Config& config) {
  if (config.kind == "noop") return std::unique_ptr<service::Provider>(new NoopProvider(config.zone));
  if (config.kind == "static") return std::unique_ptr<service::Provider>(new StaticProvider(config.devices));
  if (config.kind == "netns" && config.socket.empty())
    return Error{ErrorCode::Invalid, "the provider netns needs the socket of its helper"};
  if (config.kind == "netns")
    return std::unique_ptr<service::Provider>(new NetnsProvider({.socket = config.socket, .zone = config.zone}));
  return Error{ErrorCode::Invalid, "unknown provider '" + config.kind + "', want netns, static or noop"};
}

}  // namespace libra::provider
