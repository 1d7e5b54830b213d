#include "controller/app.h"
#include "controller/setup/command.h"
#include "lib/daemon/daemon.h"

int main(int argc, char** argv) {
  libra::Settings settings;
  return libra::daemon::main(
      argc, argv,
      {.name = "libra-controller",
       .about = "Keeps the load balancers of all tenants and makes them true on devices",
       .default_config = "/etc/libra/controller.toml",
       .read = [&](libra::config::File& file) { return libra::readSettings(file, settings); },
       .check = [&] { return libra::checkSettings(settings); },
       .log_level = [&] { return settings.log_level; },
       .run = [&] { return libra::runController(settings); },
       .actions = {{"migrate", "bring the database's schema up to date, then exit",
                    [&] { return libra::migrateOnly(settings); }}},
       .commands = {{"setup", "make all that a first controller needs", libra::setup::setupCommand},
                    {"invite", "invite a device", libra::setup::inviteCommand}}});
}
