#include "bench/written_nginx.h"

#include <fmt/format.h>

namespace libra::bench {

namespace {

using protocol::LoadBalancerState;

constexpr const char* kHead = R"(load_module /usr/lib/nginx/modules/ngx_stream_module.so;
{modules}worker_processes auto;
pid nginx.pid;
events {{ worker_connections 16384; }}
http {{
  access_log off;
  keepalive_requests 1000000;
  client_body_temp_path temp; proxy_temp_path temp; fastcgi_temp_path temp; uwsgi_temp_path temp; scgi_temp_path temp;
  proxy_http_version 1.1;
  proxy_set_header Connection "";
{http}}}
stream {{
{stream}}}
)";

std::string config(const std::string& modules, const std::string& http, const std::string& stream) {
  return fmt::format(fmt::runtime(kHead), fmt::arg("modules", modules), fmt::arg("http", http),
                     fmt::arg("stream", stream));
}

std::string serverBlock(bool http, const std::string& listen, const std::string& upstream) {
  return fmt::format(fmt::runtime(http ? "  server {{ listen {}; location / {{ proxy_pass http://{}; }} }}\n"
                                       : "  server {{ listen {}; proxy_pass {}; }}\n"),
                     listen, upstream);
}

std::string upstreamBlock(const LoadBalancerState& lb) {
  auto text = fmt::format("  upstream u{} {{ ", lb.id);
  if (lb.algorithm == Algorithm::LeastConnections) text += "least_conn; ";
  for (const auto& node : lb.nodes)
    text += fmt::format("server {}:{} weight={}{}; ", node.address.str(), node.port, node.weight,
                        node.enabled ? "" : " down");
  return text + (lb.protocol == Protocol::Http ? "keepalive 64; }\n" : "}\n");
}

std::string peerText(const protocol::NodeState& node) {
  return fmt::format(R"({{"id":"{}","address":"{}:{}","weight":{}}})", node.id, node.address.str(), node.port,
                     node.weight);
}

}  // namespace

std::string writtenNginx(const protocol::DeviceState& state) {
  std::string http, stream;
  for (const auto& lb : state.load_balancers) {
    const bool is_http = lb.protocol == Protocol::Http;
    (is_http ? http : stream) += upstreamBlock(lb) + serverBlock(is_http, std::to_string(lb.port), "u" + lb.id);
  }
  return config("", http, stream);
}

std::string ownNginx(const std::string& modules, const std::string& control) {
  std::string load;
  for (const char* name : {"http", "stream"})
    load += fmt::format("load_module {}/ngx_{}_libra_module.so;\n", modules, name);
  const auto upstream = [](const char* keep) { return fmt::format("  upstream libra {{ libra_balance; {}}}\n", keep); };
  const auto shape = [&](bool http, const char* name) {
    return serverBlock(http, fmt::format("unix:{}.{}; libra_listen {}", control, name, name), "libra");
  };
  return config(load,
                fmt::format("  server {{ listen unix:{}; libra_control; }}\n", control) + upstream("keepalive 64; ") +
                    shape(true, "http"),
                upstream("") + shape(false, "tcp"));
}

std::string ownState(const protocol::DeviceState& state) {
  std::string lbs;
  for (const auto& lb : state.load_balancers) {
    std::string peers;
    for (const auto& node : lb.nodes) peers += (peers.empty() ? "" : ",") + peerText(node);
    lbs += fmt::format(R"({}{{"id":"{}","server":"{}","listen":[{{"address":"0.0.0.0:{}"}}],"peers":[{}]}})",
                       lbs.empty() ? "" : ",", lb.id, lb.protocol == Protocol::Http ? "http" : "tcp", lb.port, peers);
  }
  return fmt::format(R"({{"revision":{},"loadBalancers":[{}]}})", state.generation, lbs);
}

}  // namespace libra::bench
