#include "lib/gear/server_address.h"

#include <charconv>

#include "lib/base/net_address.h"

namespace libra::gear {

namespace {

constexpr std::size_t kLongestHost = 253;

bool readPort(std::string_view text, std::uint16_t& port) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port != 0;
}

std::string_view withoutBrackets(std::string_view host) {
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  return bracketed ? host.substr(1, host.size() - 2) : host;
}

}  // namespace

bool ServerAddress::isNumeric() const { return NetAddress::parse(host).has_value(); }

bool ServerAddress::isLoopback() const {
  const auto address = NetAddress::parse(host);
  if (!address) return host == "localhost";
  return address->isV6() ? address == NetAddress::parse("::1") : address->bytes()[0] == 127;
}

Result<ServerAddress> parseServer(std::string_view text) {
  const auto colon = text.rfind(':');
  ServerAddress server{std::string(text), {}, 0};
  if (colon != std::string_view::npos && readPort(text.substr(colon + 1), server.port)) {
    const auto host = text.substr(0, colon);
    server.host = withoutBrackets(host);
    const bool ambiguous = server.host == host && host.find(':') != std::string_view::npos;
    if (!server.host.empty() && server.host.size() <= kLongestHost && !ambiguous) return server;
  }
  return Error{ErrorCode::Invalid, "Job server '" + std::string(text) + "' is not of the form host:port"};
}

}  // namespace libra::gear
