#include "tests/fuzz/targets.h"

namespace libra::fuzz {

const std::map<std::string_view, Target>& targets() {
  static const auto all = [] {
    auto table = apiTargets();
    table.merge(deviceTargets());
    table.merge(nginxTargets());
    table.merge(wireTargets());
    table.merge(settingsTargets());
    return table;
  }();
  return all;
}

}  // namespace libra::fuzz
