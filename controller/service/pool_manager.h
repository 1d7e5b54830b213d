#pragma once

#include <string>

#include "controller/service/device_gateway.h"
#include "controller/service/devices_admin.h"
#include "controller/service/provider.h"

namespace libra::service {

// The ancestor's pool commands (spec/libra.md 4.6) over our pools, for tools that speak
// them. Errors say what an operator may read. Calls block; thread-safe.
class PoolManager {
 public:
  struct Options {
    std::string name_prefix = "lb";
    std::chrono::seconds answer_within{30};
  };
  PoolManager(Context context, Provider& provider, DeviceGateway& gateway, DevicesAdmin& devices, Options options)
      : context_(std::move(context)),
        provider_(provider),
        gateway_(gateway),
        devices_(devices),
        options_(std::move(options)) {}

  // A machine that answers but is not in our pool: whoever asked for it adds it (POST
  // /v1/devices), or the pool destroys it as one that belongs to nobody. When it does not
  // answer it is gone already, and `made` tells what it was.
  Status build(model::NewDevice& made);
  Status remove(const std::string& device);

  Result<model::VirtualIp> spareVip();  // it stays in the pool
  // What the device shall hold; device sync makes it true. An address that another one
  // holds moves, with a higher epoch.
  Status assign(const std::string& device, const std::string& address);
  Status withdraw(const std::string& device, const std::string& address);
  Status release(const std::string& address);  // whoever holds it

 private:
  Status answers(const std::string& device);
  Status free(const model::VirtualIp& vip);

  Context context_;
  Provider& provider_;
  DeviceGateway& gateway_;
  DevicesAdmin& devices_;
  Options options_;
};

}  // namespace libra::service
