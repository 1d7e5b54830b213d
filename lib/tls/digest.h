#pragma once

#include <string>
#include <string_view>

namespace libra::tls {

std::string sha256Hex(std::string_view data);  // 64 lower-case digits

// Whether two texts are equal, in a time that does not tell where they differ.
bool equalInConstantTime(std::string_view a, std::string_view b);

}  // namespace libra::tls
