#pragma once

#include <memory>
#include <string>

#include "controller/service/device_gateway.h"
#include "controller/service/device_sync.h"

namespace libra::service {

// Asks the devices in service one thing, from time to time, and hands on what they tell. Only
// devices whose lease is ours; one still being asked from an earlier round is left out.
// Thread-safe; all work is done by `run`.
class DeviceRound {
 public:
  using Ask = std::function<void(const model::Device& device, DeviceGateway::Done done)>;
  // Of an answer that passed. What it stores is to be fenced by the tenure.
  using Take = std::function<void(std::int64_t device, const protocol::Answer& told, const model::Tenure& tenure)>;

  DeviceRound(Context context, DeviceSync::Run run, Ask ask, Take take);
  ~DeviceRound();
  void begin();  // returns at once; nothing while the last one still asks

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace libra::service
