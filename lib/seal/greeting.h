#pragma once

#include <string_view>

namespace libra::seal {

// What is sent to a peer whose certificate is not known yet, and something random after it.
inline constexpr std::string_view kGreeting = "libra-seal/1 hello ";

}  // namespace libra::seal
