#include "sidecar/haproxy/config_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "sidecar/haproxy/slots.h"
#include "sidecar/haproxy/step.h"
#include "sidecar/haproxy/words.h"

namespace libra::sidecar::haproxy {

namespace {

// HAProxy loads drain.map because a rule names it; only the sidecar reads it.
// `timeout client` bounds a client that stalls within a request or a response; 2.6 has one
// per frontend, so it is the longest a tenant may ask for. Slow headers and idle
// keep-alive connections are bounded by the two timeouts after it.
constexpr const char* kGlobal = R"(global
  default-path config
  maxconn 8000
  no strict-limits
  stats socket unix@{socket} mode 660 level admin expose-fd listeners
  stats timeout 1h

defaults
  mode http
  timeout client 1000s
  timeout http-request 30s
  timeout http-keep-alive 30s
  timeout connect 30s
  timeout server 30s
  timeout queue 30s
  timeout client-fin 30s
  timeout server-fin 30s
  option redispatch 1  # a client of a refusing node goes to another at once, not after two seconds

frontend management
  bind {management}
  monitor-uri /
  http-request set-var(txn.drain) str(none),map(drain.map)

)";

// vip.map finds the slot, lb.map the descriptor, whose first field is the backend. HTTP
// asks again for each request, so that kept connections follow every change. Our cookie is
// ours alone: it is taken out of what the nodes see.
constexpr const char* kFrontend = R"(  tcp-request connection set-var-fmt(sess.vip) "%[dst]:%[dst_port]"
  tcp-request connection set-var-fmt(sess.vip) "*:%[dst_port]" if !{ var(sess.vip),map(vip.map) -m found }
  tcp-request connection set-var(sess.lb) var(sess.vip),map(vip.map),map(lb.map)
  tcp-request connection reject if !{ var(sess.lb) -m found }
  tcp-request connection reject if { str(suspended),map(device.map) -m found }
  tcp-request content switch-mode http if { var(sess.lb),field(1,|) -m sub _http_ }
  http-request set-var(txn.lb) var(sess.vip),map(vip.map),map(lb.map)
  http-request reject if !{ var(txn.lb),field(1,|) -m sub _http_ }
  http-request reject if { str(suspended),map(device.map) -m found }
  http-request set-var(txn.cookie) req.cook(SERVERID) if { var(txn.lb),field(4,|) -m str cookie }
  http-request replace-header Cookie '^(.*; *)?SERVERID=[^;]*; *(.*)$' '\1\2' if { var(txn.cookie) -m found }
  http-request replace-header Cookie '^(.*); *SERVERID=[^;]*$' '\1' if { var(txn.cookie) -m found }
  http-request del-header Cookie if { var(txn.cookie) -m found } { req.hdr(Cookie) -m reg ^SERVERID=[^;]*$ }
  http-request add-header X-Forwarded-For %[src]
  use_backend %[var(txn.lb),field(1,|)] if { var(txn.lb) -m found }
  use_backend %[var(sess.lb),field(1,|)]

)";

constexpr const char* kHttpRules = R"(  http-request set-timeout server var(txn.lb),field(2,|),add(0)
  use-server %[var(txn.cookie)] if { var(txn.cookie) -m found }
  http-response add-header Set-Cookie "SERVERID=%s; path=/" if { var(txn.lb),field(4,|) -m str cookie } !{ srv_name,strcmp(txn.cookie) eq 0 }
)";

constexpr const char* kHttpCheck = R"(  option httpchk
  http-check connect
  http-check send meth GET uri-lf "%[be_name,field(1,_),map(lb.map),field(3,|)]"
)";

std::string_view word(Balance balance) {
  constexpr std::string_view kWords[] = {"roundrobin", "leastconn", "random"};
  return kWords[static_cast<int>(balance)];
}

std::string frontendText(const std::vector<std::uint16_t>& ports) {
  std::string text = "frontend catalogue\n  mode tcp\n";
  for (auto port : ports) text += fmt::format("  bind 0.0.0.0:{0}\n  bind [::]:{0} v6only\n", port);
  return text + kFrontend;
}

std::string modeText(const Variant& variant, const OptionClass& option_class) {
  const auto stick = [&](const char* descriptor) {
    return fmt::format("  stick on src table {} if {{ var({}),field(4,|) -m str source }}\n", sourceTable(variant.slot),
                       descriptor);
  };
  if (variant.mode == Mode::Http) return kHttpRules + stick("txn.lb");
  std::string text = fmt::format("  mode tcp\n  timeout tunnel {}ms\n", option_class.timeout.count());
  if (variant.name() == sourceTable(variant.slot)) text += "  stick-table type ipv6 size 200k expire 30m\n";
  return text + stick("sess.lb");
}

std::string backendText(const Variant& variant, const OptionClass& option_class) {
  auto text = fmt::format("backend {}\n  timeout connect {}ms\n  retries {}\n  balance {}\n", variant.name(),
                          option_class.timeout.count(), option_class.retries, word(variant.balance));
  text += modeText(variant, option_class);
  if (variant.check == MonitorType::Http) text += kHttpCheck;
  return text;
}

Status appendServers(const Servers& servers, std::string& text) {
  for (const auto& [name, server] : servers) {
    const auto arguments = serverArguments(name, server);
    if (!arguments) return arguments.error();
    text += fmt::format("  server {} {}{}\n", name, *arguments, server.admin == Admin::Ready ? "" : " disabled");
  }
  return ok();
}

}  // namespace

Result<std::string> configText(const DriverConfig& config, const ProxyState& state) {
  const auto management = readEndpoint(config.management);
  if (!isPlainPath(config.stats_socket) || !management)
    return Error{ErrorCode::Invalid, "The settings of the HAProxy driver are wrong",
                 fmt::format("stats socket '{}', management '{}'", config.stats_socket, config.management)};

  auto text = fmt::format(fmt::runtime(kGlobal), fmt::arg("socket", config.stats_socket),
                          fmt::arg("management", endpoint(management->address, management->port)));
  text += frontendText(config.ports);
  for (const auto& slot : allSlots())
    for (const auto& variant : variantsOf(slot.number)) {
      text += backendText(variant, slot.option_class);
      const auto servers = state.servers.find(variant.name());
      if (servers != state.servers.end())
        if (auto status = appendServers(servers->second, text); !status) return status.error();
    }
  return text;
}

Result<std::string> mapText(const Entries& entries) {
  std::string text;
  for (const auto& [key, value] : entries) {
    if (!commandWord(key) || !commandWord(value) || key.front() == '#' || (key + value).find(' ') != key.npos)
      return Error{ErrorCode::Internal, "The change cannot be expressed to the proxy", "map entry refused: " + key};
    text += key + " " + value + "\n";
  }
  return text;
}

}  // namespace libra::sidecar::haproxy
