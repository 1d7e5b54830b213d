#include "controller/setup/settings_text.h"

#include <fmt/format.h>

#include "lib/base/host_port.h"
#include "lib/config/toml_text.h"

namespace libra::setup {

namespace {

using config::tomlList;
using config::tomlText;

constexpr int kApiPort = 8443;
constexpr int kJobPort = 4731;
constexpr int kWatchPort = 4740;

constexpr const char* kText =
    R"(# Settings of this controller; see libra-controller(8). Check: libra-controller --check-config

[log]
level = "info"

[api]
listen = "0.0.0.0:{api_port}"
certificate = "{own}/api.crt"
key = "{own}/api.key"

[admin]
listen = "127.0.0.1:8889"
tenants = [{admin}]

[identity]
token_file = "{own}/tokens"

[database]
servers = [{database}]
user = "libra"
password_file = "{own}/database-password"
schema = "libra"

[gearman]
servers = [{job_server}]
ca = "{own}/ca.crt"
certificate = "{own}/controller.crt"
key = "{own}/controller.key"

[enrolment]
url = {url}
ca_key = "{own}/ca.key"
invitations = "{state}/invitations"

[pool]
spares = {spares}

[vips]
ranges = {ranges}
prefix = {prefix}

# Devices are heard here, and replaced when they are not.
[watch]
listen = {watch}

[provider]
kind = "static"
)";

std::string withPort(const std::string& host, int port) {
  return HostPort{host, static_cast<std::uint16_t>(port)}.str();
}

}  // namespace

std::string settingsText(const Options& options) {
  auto text = fmt::format(fmt::runtime(kText), fmt::arg("own", options.folder + "/controller"),
                          fmt::arg("state", options.state), fmt::arg("api_port", kApiPort),
                          fmt::arg("admin", tomlText(options.admin)), fmt::arg("database", tomlText(options.database)),
                          fmt::arg("job_server", tomlText(withPort(options.host, kJobPort))),
                          fmt::arg("watch", tomlText(withPort(options.address, kWatchPort))),
                          fmt::arg("url", tomlText("https://" + withPort(options.host, kApiPort))),
                          fmt::arg("spares", options.devices.size()), fmt::arg("ranges", tomlList(options.vip_ranges)),
                          fmt::arg("prefix", options.vip_prefix));
  for (const auto& [name, address] : options.devices)
    text += fmt::format("\n[[provider.devices]]\nname = {}\naddress = {}\n", tomlText(name), tomlText(address));
  return text;
}

}  // namespace libra::setup
