#include "sidecar/enroll/enroll.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "lib/base/files.h"
#include "lib/base/host_port.h"
#include "lib/base/owned_files.h"
#include "lib/config/toml_text.h"
#include "lib/http/client.h"
#include "lib/tls/authority.h"
#include "sidecar/vip/netlink.h"

namespace libra::sidecar {

namespace {

constexpr std::size_t kLongestInvitation = 64 * 1024;
constexpr int kCreated = 201;

constexpr const char* kSettings =
    R"(# Settings of this device; see libra-sidecar(8). Check: libra-sidecar --check-config

[log]
level = "info"

[device]
name = {device}
state_dir = "{state}"

[gearman]
servers = {servers}
ca = "{own}/ca.crt"
certificate = "{own}/device.crt"
key = "{own}/device.key"

{watch}[driver]
kind = "haproxy"
directory = "{state}/haproxy"
stats_socket = "/run/libra-haproxy/stats.sock"
management = "{management}"

[vip]
interface = "{interface}"
)";

constexpr std::uint16_t kManagementPort = 9080;

bool isLinkLocal(const NetAddress& address) {
  return address.isV6() && address.bytes()[0] == 0xfe && (address.bytes()[1] & 0xc0) == 0x80;
}

// Where a controller asks whether the proxy lives: an address that never moves away.
Result<NetAddress> ownAddress(const std::string& interface) {
  auto netlink = Netlink::open(interface);
  if (!netlink) return netlink.error();
  auto addresses = netlink->list();
  if (!addresses) return addresses.error();
  std::erase_if(*addresses, [](const auto& entry) { return isLinkLocal(entry.address); });
  const auto first = std::min_element(addresses->begin(), addresses->end(),
                                      [](const auto& a, const auto& b) { return a.address.isV6() < b.address.isV6(); });
  if (first == addresses->end()) return Error{ErrorCode::NotFound, "interface '" + interface + "' has no address", ""};
  return first->address;
}

std::string settingsText(const protocol::Invitation& invitation, const protocol::Enrolment& enrolment,
                         const NetAddress& own_address, const EnrollOptions& options) {
  const auto& controllers = enrolment.controllers;
  const auto watch =
      controllers.empty() ? "" : fmt::format("[watch]\ncontrollers = {}\n\n", config::tomlList(controllers));
  return fmt::format(fmt::runtime(kSettings), fmt::arg("device", config::tomlText(invitation.device)),
                     fmt::arg("state", options.state), fmt::arg("servers", config::tomlList(enrolment.job_servers)),
                     fmt::arg("own", options.folder + "/sidecar"), fmt::arg("watch", watch),
                     fmt::arg("management", HostPort{own_address.str(), kManagementPort}.str()),
                     fmt::arg("interface", options.interface));
}

// The settings come last: with them the device counts as enrolled.
Status write(const std::string& settings, const protocol::Enrolment& enrolment, const std::string& key,
             const EnrollOptions& options) {
  const std::string own = options.folder + "/sidecar";
  if (auto made = makeFolderFor(options.group, own); !made) return made;
  for (const auto& [path, content] : {std::pair{own + "/ca.crt", enrolment.ca},
                                      {own + "/device.crt", enrolment.certificate},
                                      {own + "/device.key", key},
                                      {options.folder + "/sidecar.toml", settings}})
    if (auto written = writeFileFor(options.group, path, content); !written) return written;
  return ok();
}

// libcurl takes the authority as a file.
Result<protocol::Enrolment> askByHttps(const protocol::Invitation& invitation,
                                       const protocol::EnrolmentRequest& request, const std::string& ca_file) {
  http::Client client({.base_url = invitation.controller, .ca_file = ca_file});
  const auto answer = client.send("POST", protocol::kEnrolmentPath, protocol::text(request));
  if (!answer) return answer.error();
  if (answer->status != kCreated)
    return Error{ErrorCode::Forbidden,
                 "the controller refuses: " + std::to_string(answer->status) + " " + answer->body};
  return protocol::readEnrolment(answer->body);
}

Result<std::string> readInvitationFile(const std::string& path) {
  return readFile(path == "-" ? "/dev/stdin" : path, kLongestInvitation);
}

Status run(const std::string& file, const EnrollOptions& options) {
  const auto text = readInvitationFile(file);
  if (!text) return text.error();
  const auto ask = [&](const protocol::Invitation& invitation,
                       const protocol::EnrolmentRequest& request) -> Result<protocol::Enrolment> {
    const std::string ca = options.folder + "/enrolment-ca.crt";
    if (auto written = replaceFile(ca, invitation.ca); !written) return written.error();
    auto answer = askByHttps(invitation, request, ca);
    ::unlink(ca.c_str());
    return answer;
  };
  return enroll(*text, options, ask, [](const std::string& line) { std::cout << line << "\n"; });
}

}  // namespace

Status enroll(const std::string& text, const EnrollOptions& options, const AskController& ask,
              const std::function<void(const std::string& line)>& say) {
  const auto invitation = protocol::readInvitation(text);
  if (!invitation) return invitation.error();
  const std::string settings = options.folder + "/sidecar.toml";
  if (std::error_code error; std::filesystem::exists(settings, error))
    return say("kept  " + settings + ": this device is enrolled"), ok();
  if (auto made = makeFolderFor(options.group, options.folder, 0755); !made) return made;
  const auto own_address = ownAddress(options.interface);
  if (!own_address) return own_address.error();
  const auto request = tls::createRequest();
  if (!request) return request.error();
  const auto enrolment = ask(*invitation, {invitation->secret, request->request});
  if (!enrolment) return enrolment.error();
  if (auto written =
          write(settingsText(*invitation, *enrolment, *own_address, options), *enrolment, request->key, options);
      !written)
    return written;
  say("made  " + options.folder + "/sidecar/device.crt, the certificate of " + invitation->device);
  return say("made  " + settings), ok();
}

daemon::CommandLine enrollCommandLine(EnrollOptions& options) {
  const auto into = [](std::string& place) { return [&place](const std::string& value) { place = value; }; };
  return {.name = "libra-sidecar enroll",
          .about = "exchange an invitation (libra-controller invite) for a certificate and settings",
          .argument = "FILE",
          .options = {{"interface", "NAME", "where virtual addresses live, by default eth0", into(options.interface)},
                      {"folder", "FOLDER", "where to write, by default /etc/libra", into(options.folder)}}};
}

int enrollCommand(int argc, char** argv) {
  EnrollOptions options;
  std::string file;
  if (const auto code = daemon::readCommandLine(argc, argv, enrollCommandLine(options), file)) return *code;
  if (const auto done = run(file, options); !done) {
    std::cerr << "libra-sidecar enroll: " << done.error().message << " " << done.error().detail << "\n";
    return 1;
  }
  std::cout << "\nNext:\n  systemctl start libra-haproxy libra-sidecar\n";
  return 0;
}

}  // namespace libra::sidecar
