#include "controller/provider/noop_provider.h"

namespace libra::provider {

Result<model::NewDevice> NoopProvider::build(const service::Site& site) {
  names_.lock()->insert(site.name);
  model::NewDevice device;
  device.name = device.provider_id = site.name;
  device.address = "127.0.0.1";
  device.zone = site.zone.empty() ? zone_ : site.zone;
  device.host_group = site.host_group;
  device.driver = "haproxy";
  return device;
}

Status NoopProvider::destroy(const std::string& name) {
  names_.lock()->erase(name);
  return ok();
}

Result<std::vector<std::string>> NoopProvider::list() {
  auto names = names_.lock();
  return std::vector<std::string>(names->begin(), names->end());
}

}  // namespace libra::provider
