#include "sidecar/nginx/base_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "lib/base/files.h"
#include "sidecar/nginx/server_class.h"

namespace libra::sidecar::nginx {

namespace {

// Unix sockets are found from where nginx is started, as the sidecar finds them from where
// it is; all other paths from `directory`, nginx's prefix.
constexpr const char* kMain = R"(load_module {stream}/ngx_stream_module.so;
load_module {modules}/ngx_http_libra_module.so;
load_module {modules}/ngx_stream_libra_module.so;

worker_processes auto;
pid nginx.pid;
error_log stderr warn;
libra_state state.json;

events {{
  worker_connections 16384;
}}
)";

// What tenants send passes as it is, and nothing of it is put on disk.
constexpr const char* kHttp = R"(
http {{
  access_log off;
  server_tokens off;
  client_body_temp_path temp;
  proxy_temp_path temp;
  fastcgi_temp_path temp;
  uwsgi_temp_path temp;
  scgi_temp_path temp;

  client_max_body_size 0;
  client_header_timeout 30s;
  keepalive_timeout 30s;
  keepalive_requests 1000000;
  ignore_invalid_headers off;
  underscores_in_headers on;
  merge_slashes off;
  tcp_nodelay on;

  map $http_upgrade $libra_connection {{
    default upgrade;
    '' '';
  }}
  proxy_http_version 1.1;
  proxy_set_header Host $http_host;
  proxy_set_header Connection $libra_connection;
  proxy_set_header Upgrade $http_upgrade;
  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
  proxy_set_header X-Forwarded-Proto $scheme;
  proxy_set_header X-Forwarded-Port $server_port;
  proxy_request_buffering off;
  proxy_max_temp_file_size 0;

  upstream libra {{
    libra_balance;
    keepalive 64;
  }}
  server {{
    listen unix:{control};
    libra_control;
  }}
)";

// Certificates are those of the load balancer a client came to; the modules answer for them.
std::string listenLine(const ServerClass& server, const std::string& socket) {
  constexpr const char* kTls =
      "    ssl_certificate $libra_certificate;\n    ssl_certificate_key $libra_certificate;\n"
      "    ssl_protocols TLSv1.2 TLSv1.3;\n";
  return fmt::format("    listen unix:{}{};\n{}    libra_listen {};\n", socket, server.tls ? " ssl" : "",
                     server.tls ? kTls : "", server.name());
}

std::string httpServer(const ServerClass& server, const std::string& socket) {
  return fmt::format(
      "  server {{\n{}    client_body_timeout {t}ms;\n    send_timeout {t}ms;\n"
      "    proxy_connect_timeout {t}ms;\n    proxy_send_timeout {t}ms;\n    proxy_read_timeout {t}ms;\n"
      "    proxy_next_upstream_tries {};\n    location / {{ proxy_pass http://libra; }}\n  }}\n",
      listenLine(server, socket), server.retries ? 0 : 1, fmt::arg("t", server.timeout.count()));
}

std::string tcpServer(const ServerClass& server, const std::string& socket) {
  const auto word = [](bool on) { return on ? "on" : "off"; };
  return fmt::format(
      "  server {{\n{}    proxy_connect_timeout {t}ms;\n"
      "    proxy_timeout {t}ms;\n    proxy_next_upstream_tries {};\n    proxy_half_close {};\n    proxy_protocol {};\n"
      "    proxy_pass libra;\n  }}\n",
      listenLine(server, socket), server.retries ? 0 : 1, word(server.half_closed), word(server.proxy_protocol),
      fmt::arg("t", server.timeout.count()));
}

std::string serversText(const DriverConfig& config, bool http) {
  std::string text;
  for (const auto& server : serverClasses()) {
    if (server.http != http) continue;
    const auto socket = fmt::format("{}/{}.sock", config.directory, server.name());
    text += http ? httpServer(server, socket) : tcpServer(server, socket);
  }
  return text;
}

bool isPlainPath(const std::string& path) {
  return !path.empty() && std::all_of(path.begin(), path.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '/' || c == '.' || c == '_' || c == '-';
  });
}

}  // namespace

Result<std::string> configText(const DriverConfig& config) {
  for (const auto& path : {config.directory, config.stats_socket, config.modules, config.stream_module})
    if (!isPlainPath(path))
      return Error{ErrorCode::Invalid, "The settings of the nginx driver are wrong", "path '" + path + "'"};
  return fmt::format(fmt::runtime(kMain), fmt::arg("stream", config.stream_module),
                     fmt::arg("modules", config.modules)) +
         fmt::format(fmt::runtime(kHttp), fmt::arg("control", config.stats_socket)) + serversText(config, true) +
         "}\n\nstream {\n  tcp_nodelay on;\n  upstream libra { libra_balance; }\n" + serversText(config, false) + "}\n";
}

Status writeBaseConfig(const DriverConfig& config) {
  const auto file = config.directory + "/nginx.conf";
  if (std::filesystem::exists(file)) return ok();
  const auto text = configText(config);
  return text ? replaceFile(file, *text) : Status(text.error());
}

}  // namespace libra::sidecar::nginx
