#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace libra::seal {

// RFC 4648, one line, padded: envelopes in JSON.
std::string toBase64(std::string_view bytes);
std::optional<std::string> fromBase64(std::string_view text);  // of any bytes; none: it is no such text

}  // namespace libra::seal
