#pragma once

#include <string>
#include <string_view>

namespace libra::tls {

// Who one is, by a URI in one's certificate (docs/sealed-jobs.md).
inline constexpr const char* kControllerUri = "libra:controller";
inline constexpr std::string_view kDeviceUri = "libra:device:";  // and its name

inline std::string deviceUri(const std::string& name) { return std::string(kDeviceUri) + name; }

}  // namespace libra::tls
