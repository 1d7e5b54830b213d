#include "controller/store/mysql/server.h"

#include <fmt/format.h>

#include "lib/base/host_port.h"

namespace libra::store::mysql {

namespace {

constexpr std::string_view kUnix = "unix:";

}  // namespace

Result<Server> Server::parse(std::string_view text) {
  if (text.starts_with(kUnix) && text.substr(kUnix.size()).starts_with('/'))
    return Server{{}, 0, std::string(text.substr(kUnix.size()))};
  const auto tcp = HostPort::parse(text);
  if (!tcp || tcp->port == 0)
    return Error{ErrorCode::Invalid, fmt::format("database server '{}': want host:port or unix:/path", text)};
  return Server{tcp->host, tcp->port, {}};
}

std::string Server::str() const { return socket.empty() ? HostPort{host, port}.str() : std::string(kUnix) + socket; }

}  // namespace libra::store::mysql
