#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "lib/base/net_address.h"
#include "lib/config/toml.h"

namespace libra::provider::netns {

struct User {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
};

// netns-helper.toml.
struct Settings {
  std::string log_level;
  std::string prefix;                // namespaces are <prefix>-<name>; the bridge br0 is in <prefix>-net
  std::string socket;                // where the controller asks
  User controller;                   // the only one who may ask
  std::string devices_dir;           // one folder per device
  std::string ca, ca_key;            // PEM files; the authority of the devices' certificates
  std::vector<std::string> drivers;  // "haproxy", "nginx": device after device, the first again after the last
  std::string sidecar, steer;        // absolute paths of the programs
  std::string haproxy, nginx;
  std::string nginx_modules;             // the folder of ours
  User device_user;                      // whom both run as
  std::vector<std::string> job_servers;  // "host:port", reached from the devices' namespaces
  std::vector<std::string> controllers;  // "address:port" that watch the devices
  bool clear_text = false;
  std::string sidecar_log_level;

  // Device i has address i of each range; the prefix is that of the whole network.
  NetRange range, range6;
  int prefix_length = 16, prefix6_length = 64;
  int most_devices = 0;  // what the smaller range holds
};

Status readSettings(config::File& file, Settings& settings);

}  // namespace libra::provider::netns
