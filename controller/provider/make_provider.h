#pragma once

#include <memory>
#include <string>
#include <vector>

#include "controller/service/provider.h"

namespace libra::provider {

struct Config {
  std::string kind = "noop";                // "netns", "static" or "noop"
  std::string socket{};                     // netns: the helper's
  std::vector<model::NewDevice> devices{};  // static: name, address, zone
  std::string zone{};                       // of the devices that are built
};

// The providers there are, by name. Invalid: no such kind, or it lacks a setting.
Result<std::unique_ptr<service::Provider>> makeProvider(const Config& config);

}  // namespace libra::provider
