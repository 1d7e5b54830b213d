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

int run(const sidecar::Settings& settings) {
  const auto app = sidecar::App::make(settings);
  if (app) return (*app)->run();
  return outcome("cannot start", app.error());
}

}  // namespace

int main(int argc, char** argv) {
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
       .actions = {{"write-base-config", "write what the proxy of a new device starts with, then exit", [&] {
                      return outcome("no base configuration", sidecar::writeBaseConfig(settings.driver_config));
                    }}}});
}
