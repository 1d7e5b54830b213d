#pragma once

#include <cstdint>
#include <string>

#include "lib/base/clock.h"

namespace libra::model {

// What happened to which object, for people.
struct NewEvent {
  std::string kind;    // "loadbalancer.active", "device.built", "node.down" …
  std::string object;  // "loadbalancer/88", "device/7", "vip/3"
  std::string text;
};

struct Event : NewEvent {
  std::int64_t id = 0;
  Time at{};
};

// A request that changes something through the admin API.
struct NewAudit {
  std::string tenant;  // who asked
  std::string role;
  std::string request;  // its id
  std::string method, path;
  std::string detail;  // the body
};

struct Audit : NewAudit {
  std::int64_t id = 0;
  Time at{};
  int status = 0;  // answered; 0: the controller did not live to answer
};

}  // namespace libra::model
