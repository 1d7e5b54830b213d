#include <malloc.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <iostream>
#include <system_error>

#include "lib/daemon/daemon.h"
#include "lib/log/log.h"
#include "sidecar/app.h"

using namespace libra;

namespace {

constexpr log::Logger kLog{"sidecar"};

int outcome(const char* what, const Status& status) {
  if (!status) kLog.error("{}: {}: {}", what, status.error().message, status.error().detail);
  return status ? 0 : 1;
}

// Asks the proxy itself, so it also works beside a running sidecar and after a dead one.
int explain(const sidecar::Settings& settings) {
  const SystemClock clock;
  const auto driver = sidecar::makeDriver(settings.driver, settings.driver_config, clock);
  if (!driver) return outcome("cannot explain", driver.error());
  const auto text = (*driver)->explain();
  if (!text) return outcome("cannot explain", text.error());
  std::cout << *text;
  return 0;
}

// A program of its own: what an HTTPS client brings along would stay resident here.
int enroll(int, char** argv) {
  std::error_code error;
  const auto own = std::filesystem::read_symlink("/proc/self/exe", error);
  const auto program = own.parent_path() / "libra-sidecar-enroll";
  ::execv(program.c_str(), argv);
  std::cerr << program.string() << ": " << std::generic_category().message(errno) << "\n";
  return 1;
}

int run(const sidecar::Settings& settings) {
  const auto app = sidecar::App::make(settings);
  if (app) return (*app)->run();
  return outcome("cannot start", app.error());
}

}  // namespace

int main(int argc, char** argv) {
  ::mallopt(M_ARENA_MAX, 1);  // its threads take turns; a heap for each would only stay resident
  sidecar::Settings settings;
  return daemon::main(
      argc, argv,
      {.name = "libra-sidecar",
       .about = "drives the proxy of one device",
       .default_config = "/etc/libra/sidecar.toml",
       .read = [&](config::File& file) { return readSettings(file, settings); },
       .check = {},
       .log_level = [&] { return settings.log_level; },
       .run = [&] { return run(settings); },
       .actions = {{"write-base-config", "write what the proxy of a new device starts with, then exit",
                    [&] {
                      return outcome("no base configuration",
                                     sidecar::writeBaseConfig(settings.driver, settings.driver_config));
                    }},
                   {"explain", "tell which slot is which load balancer, which server which node, then exit",
                    [&] { return explain(settings); }}},
       .commands = {{"enroll", "exchange an invitation for a certificate and settings", enroll}}});
}
