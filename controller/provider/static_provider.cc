#include "controller/provider/static_provider.h"

namespace libra::provider {

Result<model::NewDevice> StaticProvider::build(const service::Site& site) {
  for (const auto& device : devices_)
    if (device.name == site.name) return device;
  return Error{ErrorCode::NotFound, "no device '" + site.name + "' in the settings"};
}

Status StaticProvider::fence(const std::string& name) {
  return Error{ErrorCode::Unavailable, "device " + name + " cannot be cut off: the provider static has no means"};
}

Result<std::vector<std::string>> StaticProvider::list() {
  std::vector<std::string> names;
  for (const auto& device : devices_) names.push_back(device.name);
  return names;
}

}  // namespace libra::provider
