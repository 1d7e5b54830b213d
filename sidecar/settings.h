#pragma once

#include <string>

#include "lib/config/toml.h"
#include "lib/gear/client.h"
#include "sidecar/heartbeat/heart.h"
#include "sidecar/make_driver.h"

namespace libra::sidecar {

// What is fixed from start to stop.
struct Settings {
  std::string log_level = "info";
  std::string device;  // its name, and the Gearman function it serves
  std::string state_dir;
  gear::Connection gearman;
  bool sealed = true;  // only jobs that a controller's certificate has sealed
  std::string driver = "haproxy";
  DriverConfig driver_config;
  std::string interface = "eth0";  // where VIPs live
  bool announce = true;
  Heart::Options heart;
  std::string network_target;  // host:port DIAGNOSTICS connects to; "": a job server is enough

  std::string stateFile() const { return state_dir + "/state"; }
  std::string usageFile() const { return state_dir + "/usage.json"; }
};

// Problems are collected in the file.
Status readSettings(config::File& file, Settings& settings);

}  // namespace libra::sidecar
