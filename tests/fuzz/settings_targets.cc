// Settings files of both daemons.

#include "controller/settings.h"
#include "sidecar/settings.h"
#include "tests/fuzz/targets.h"

namespace libra::fuzz {

namespace {

template <typename Settings>
void read(std::string_view bytes) {
  auto file = config::File::parse("settings.toml", bytes);
  if (!file) return;
  Settings settings;
  (void)readSettings(*file, settings);
  (void)file->finish();
}

}  // namespace

std::map<std::string_view, Target> settingsTargets() {
  return {{"controller-settings", read<Settings>}, {"sidecar-settings", read<sidecar::Settings>}};
}

}  // namespace libra::fuzz
