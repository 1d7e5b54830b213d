#pragma once

#include <set>
#include <string>

#include "controller/service/provider.h"
#include "lib/base/locked.h"

namespace libra::provider {

// Builds nothing and remembers the names: the whole controller runs with it, and
// whatever plays the devices needs only their names. Thread-safe.
class NoopProvider final : public service::Provider {
 public:
  explicit NoopProvider(std::string zone = {}) : zone_(std::move(zone)) {}

  Result<model::NewDevice> build(const service::Site& site) override;
  Status destroy(const std::string& name) override;
  Status fence(const std::string&) override { return ok(); }
  Result<std::vector<std::string>> list() override;
  bool canBuild() const override { return true; }

 private:
  const std::string zone_;
  Locked<std::set<std::string>> names_;
};

}  // namespace libra::provider
