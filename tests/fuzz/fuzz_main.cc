// libFuzzer's program for all targets: fuzz --target=NAME CORPUS [libFuzzer's options].

#include <cstdio>
#include <cstdlib>

#include "lib/log/log.h"
#include "tests/fuzz/targets.h"

namespace {

libra::fuzz::Target chosen = nullptr;

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  constexpr std::string_view kOption = "--target=";
  for (int i = 1; i < *argc; ++i) {
    const std::string_view word = (*argv)[i];
    if (!word.starts_with(kOption)) continue;
    const auto target = libra::fuzz::targets().find(word.substr(kOption.size()));
    if (target != libra::fuzz::targets().end()) chosen = target->second;
  }
  libra::log::setLevel(libra::log::Level::Error);  // refusing is what most inputs are for
  if (chosen != nullptr) return 0;
  std::fprintf(stderr, "say --target=NAME, one of:");
  for (const auto& [name, target] : libra::fuzz::targets()) std::fprintf(stderr, " %s", std::string(name).c_str());
  std::fprintf(stderr, "\n");
  std::exit(2);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  chosen({reinterpret_cast<const char*>(data), size});
  return 0;
}
