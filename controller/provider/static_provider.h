#pragma once

#include <string>
#include <vector>

#include "controller/service/provider.h"

namespace libra::provider {

// Machines that exist already, named in the settings. It cannot make another one nor
// take one away; an operator does. Immutable, so thread-safe.
class StaticProvider final : public service::Provider {
 public:
  explicit StaticProvider(std::vector<model::NewDevice> devices) : devices_(std::move(devices)) {}

  Result<model::NewDevice> build(const service::Site& site) override;  // one of the list, as the settings tell it
  Status destroy(const std::string&) override { return ok(); }         // the machine stays, its row goes
  Status fence(const std::string& name) override;                      // Unavailable: it has no way to
  Result<std::vector<std::string>> list() override;
  bool canBuild() const override { return false; }

 private:
  const std::vector<model::NewDevice> devices_;
};

}  // namespace libra::provider
