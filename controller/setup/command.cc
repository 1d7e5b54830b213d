#include "controller/setup/command.h"

#include <unistd.h>

#include <cstdio>
#include <iostream>

#include "controller/enrolment/desk.h"
#include "controller/settings.h"
#include "lib/base/files.h"
#include "lib/base/net_address.h"

namespace libra::setup {

namespace {

constexpr int kFailed = 1;
constexpr int kWrongUse = 2;

int tell(const char* command, const Error& error) {
  std::cerr << "libra-controller " << command << ": " << error.message
            << (error.detail.empty() ? "" : " (" + error.detail + ")") << "\n";
  return kFailed;
}

// Empty when nobody is there to answer.
std::string ask(const std::string& question) {
  if (::isatty(STDIN_FILENO) == 0) return {};
  std::cout << question << ": " << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  return answer;
}

bool complete(Options& options) {
  if (options.host.empty()) options.host = ask("Name or address of this machine, as devices and tenants reach it");
  if (options.vip_ranges.empty())
    if (auto range = ask("Range of virtual addresses, such as 192.0.2.0/24"); !range.empty())
      options.vip_ranges.push_back(range);
  if (NetAddress::parse(options.host)) options.address = options.host;
  if (options.address.empty() && !options.host.empty())
    options.address = ask("Address of " + options.host + ", where devices are heard");
  const bool enough = NetAddress::parse(options.address) && !options.vip_ranges.empty();
  if (!enough)
    std::cerr << "libra-controller setup: --host, --address when that is a name, and --vip-range are needed\n";
  return enough;
}

void sayWhatIsNext(const Options& options, const std::string& token) {
  if (!token.empty()) std::cout << "\nThe operator's token, shown this once:\n  " << token << "\n";
  std::cout << "\nNext:\n"
               "  systemctl restart gearman-job-server libra-jobserver\n"
               "  systemctl start libra-controller.socket libra-controller\n"
               "  libra-controller invite DEVICE > invitation    # for each device in "
            << options.folder
            << "/controller.toml,\n"
               "  libra-sidecar enroll invitation                # there\n"
               "Keep a copy of "
            << options.folder << "/controller in a safe place: it holds the authority's key.\n";
}

void addDevice(Options& options, const std::string& text) {
  const auto equals = text.find('=');
  options.devices.emplace_back(text.substr(0, equals), equals == text.npos ? "" : text.substr(equals + 1));
}

void readPassword(Options& options, const std::string& path) {
  const auto content = readFile(path, 4096);
  options.database_admin_password = content ? content->substr(0, content->find('\n')) : "";
}

}  // namespace

daemon::CommandLine setupCommandLine(Options& options) {
  const auto into = [](std::string& place) { return [&place](const std::string& value) { place = value; }; };
  return {.name = "libra-controller setup",
          .about = "make certificates, database, operator's token and settings of a first controller",
          .argument = "",
          .options = {
              {"host", "HOST", "name or address of this machine, as devices and tenants reach it", into(options.host)},
              {"address", "ADDRESS", "this machine's address, when HOST is a name", into(options.address)},
              {"vip-range", "CIDR", "virtual addresses to give out; may be repeated",
               [&](const std::string& value) { options.vip_ranges.push_back(value); }},
              {"vip-prefix", "LENGTH", "prefix with which a device adds them, by default 32", into(options.vip_prefix)},
              {"device", "NAME=ADDRESS", "a machine that carries load balancers; may be repeated",
               [&](const std::string& value) { addDevice(options, value); }},
              {"admin", "TENANT", "who is operator, by default operator", into(options.admin)},
              {"database", "SERVER", "host:port or unix:/path, by default the local one", into(options.database)},
              {"database-admin", "USER", "who may create it, by default root", into(options.database_admin)},
              {"database-admin-password-file", "FILE", "that user's password",
               [&](const std::string& value) { readPassword(options, value); }},
              {"folder", "FOLDER", "where to write, by default /etc/libra", into(options.folder)},
          }};
}

int setupCommand(int argc, char** argv) {
  Options options;
  std::string none;
  if (const auto code = daemon::readCommandLine(argc, argv, setupCommandLine(options), none)) return *code;
  if (!complete(options)) return kWrongUse;
  const SystemClock clock;
  Setup setup(options, clock, [](const std::string& line) { std::cout << line << "\n"; });
  if (const auto done = setup.run(); !done) return tell("setup", done.error());
  sayWhatIsNext(options, setup.token());
  return 0;
}

daemon::CommandLine inviteCommandLine(std::string& config) {
  return {.name = "libra-controller invite",
          .about = "print an invitation, good for one certificate within a day; it is a secret",
          .argument = "DEVICE",
          .options = {{"config", "FILE", "settings, by default /etc/libra/controller.toml",
                       [&](const std::string& value) { config = value; }}}};
}

int inviteCommand(int argc, char** argv) {
  std::string config = "/etc/libra/controller.toml", device;
  if (const auto code = daemon::readCommandLine(argc, argv, inviteCommandLine(config), device)) return *code;
  auto file = config::File::read(config);
  if (!file) return tell("invite", file.error());
  Settings settings;
  if (const auto read = readSettings(*file, settings); !read) return tell("invite", read.error());
  if (const auto right = file->finish(); !right) return tell("invite", right.error());
  const SystemClock clock;
  const auto invitation = enrolment::Desk(settings.enrolment, clock).invite(device);
  if (!invitation) return tell("invite", invitation.error());
  std::cout << *invitation;
  return 0;
}

}  // namespace libra::setup
