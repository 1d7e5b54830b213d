#include <cstdio>

#include "controller/provider/netns_helper/devices.h"
#include "controller/provider/netns_helper/server.h"
#include "lib/daemon/daemon.h"
#include "lib/daemon/sd_notify.h"
#include "lib/daemon/signals.h"
#include "lib/log/log.h"

namespace {

using namespace libra;

constexpr log::Logger kLog{"netns"};

int run(const provider::netns::Settings& settings) {
  const auto devices = provider::netns::Devices::open(settings);
  if (!devices) return kLog.error("{}", devices.error().message), 1;
  const auto server = provider::netns::Server::open(settings, **devices);
  if (!server) return kLog.error("{}", server.error().message), 1;

  EventLoop loop;
  const daemon::Signals signals(loop, [&loop] { loop.stop(); });
  kLog.info("ready on {}", settings.socket);
  daemon::notifyReady();
  loop.run();
  daemon::notifyStopping();
  return 0;
}

int clean(const provider::netns::Settings& settings) {
  const auto removed = provider::netns::removeEverything(settings);
  if (!removed) std::fprintf(stderr, "%s\n", removed.error().message.c_str());
  return removed ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  provider::netns::Settings settings;
  return daemon::main(argc, argv,
                      {.name = "libra-netns-helper",
                       .about = "Makes devices out of network namespaces (needs root)",
                       .default_config = "/etc/libra/netns-helper.toml",
                       .read = [&](config::File& file) { return provider::netns::readSettings(file, settings); },
                       .check = {},
                       .log_level = [&] { return settings.log_level; },
                       .run = [&] { return run(settings); },
                       .actions = {{"clean", "remove every namespace of the prefix, its processes and the devices",
                                    [&] { return clean(settings); }}}});
}
