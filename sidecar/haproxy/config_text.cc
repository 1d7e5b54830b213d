#include "sidecar/haproxy/config_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "sidecar/haproxy/attachments.h"
#include "sidecar/haproxy/certificates.h"
#include "sidecar/haproxy/descriptor.h"
#include "sidecar/haproxy/slots.h"
#include "sidecar/haproxy/step.h"
#include "sidecar/haproxy/words.h"

namespace libra::sidecar::haproxy {

namespace {

// HAProxy loads drain.map and certificate.map because a rule names them; only the sidecar
// reads them.
// `timeout client` bounds a client that stalls within a request or a response; 2.6 has one
// per frontend, so it is the longest a tenant may ask for. Slow headers and idle
// keep-alive connections are bounded by the two timeouts after it. There is no
// `timeout client-fin`: it would end what half-closed load balancers let go on; who else has a
// client that has ended is bounded by `timeout server-fin`.
// A process that another takes over from lets go of idle kept connections with the answer to
// their next request.
// Without `httpclient.ssl.verify none` each start reads the machine's certificates, a third of
// its time, for a client of HAProxy's own that nothing here uses.
constexpr const char* kGlobal = R"(global
  default-path config
  description {description}
  hard-stop-after {drain}s
  maxconn 8000
  no strict-limits
  httpclient.ssl.verify none
  stats socket unix@{socket} mode 660 level admin expose-fd listeners
  stats timeout 1h
  ssl-load-extra-files none
  ssl-default-bind-options ssl-min-ver TLSv1.2
  tune.ssl.cachesize 0  # the cache of sessions is one for all load balancers; tickets are not
  log stdout format raw daemon

defaults
  mode http
{errors}  option idle-close-on-response
  timeout client 1000s
  timeout http-request 30s
  timeout http-keep-alive 30s
  timeout connect 30s
  timeout server {server}ms
  timeout queue 30s
  timeout server-fin 30s
  option redispatch 1  # a client of a refusing node goes to another at once, not after two seconds

frontend management
  bind {management}
  monitor-uri /
  http-request set-var(txn.drain) str(none),map(drain.map)
  http-request set-var(txn.certificate) str(none),map(certificate.map)

)";

// The page a load balancer has for its clients, else a plain one: a line per entry of
// page.map, as HAProxy lets no line end pass that comes out of an expression.
constexpr const char* kDefaultPage =
    "%3Chtml%3E%3Cbody%3E%3Ch1%3EService%20Unavailable%3C/h1%3ENo%20server%20can%20answer%20now.%3C/body%3E%3C/html%3E";

// vip.map finds the slot, lb.map the descriptor, whose first field is the backend. HTTP
// asks again for each request, so that kept connections follow every change: whoever is
// denied now, too. What a connection to a usual load balancer (see descriptor.h) was told once
// is good as long as the edition is the same: it then needs no other rule, and HAProxy leaves
// the rest out (docs/slots.md has what each costs). Whoever asks again is told by the edition
// that was there before, so that nothing is missed; other load balancers' connections have none. Our cookie is ours
// alone: it is taken out of what the nodes see. A client of a throttle is known by load balancer and address.
constexpr const char* kConnections = R"(  tcp-request connection set-var-fmt(sess.vip) "%[dst]:%[dst_port]"
  tcp-request connection set-var-fmt(sess.vip) "*:%[dst_port]" if !{ var(sess.vip),map(vip.map) -m found }
  tcp-request connection set-var(sess.edition) str(edition),map_str_int(device.map)
  tcp-request connection set-var(sess.way) var(sess.vip),map(vip.map)
  tcp-request connection set-var(sess.lb) var(sess.way),field(1,.),map(lb.map)
  tcp-request connection reject if !{ var(sess.lb) -m found }
  tcp-request connection reject if { str(suspended),map(device.map) -m found }
  tcp-request connection set-var(sess.switches) var(sess.lb),field(5,|)
  tcp-request connection reject if { var(sess.switches) -m sub s }
  tcp-request connection set-var(sess.backend) var(sess.lb),field(1,|)
  tcp-request connection set-var(sess.secure) int(1) if { var(sess.way) -m end .tls }
  tcp-request connection set-var(sess.http) int(1) if { var(sess.backend),field(2,_) -m str http plain }
  tcp-request connection set-var-fmt(sess.address) %[src] if { var(sess.http) -m found }
  tcp-request connection unset-var(sess.edition) if !{ var(sess.switches) -m sub u }
  tcp-request connection set-var-fmt(sess.source) ".4.%[src,hex]" if { src 0.0.0.0/0 }
  tcp-request connection set-var-fmt(sess.source) ".6.%[src,hex]" if !{ src 0.0.0.0/0 }
  tcp-request connection reject if { var(sess.switches) -m sub a } !{ var(sess.lb),field(6,|),concat(,sess.source),map_beg(access.map) -m beg allow }
)";

// Each request of a kept connection comes by here again: for HTTP, switch-mode is the last rule.
constexpr const char* kStreams = R"(  tcp-request content set-log-level silent
  tcp-request content switch-mode http if { var(sess.http) -m found }
)";

// A secure connection goes to the listener with its load balancer's certificates, in this same
// process, once its first message is here: who waits with it finds what is there then. There
// it is let in by the same rules but for the throttle, which has counted it.
constexpr const char* kSecureConnections =
    R"(  tcp-request connection set-var(sess.backend) str(tls) if { var(sess.secure) -m found }
  tcp-request connection unset-var(sess.http) if { var(sess.secure) -m found }
)";

constexpr const char* kToListeners = R"(  tcp-request inspect-delay 10s
  tcp-request content reject if { var(sess.secure) -m found } !{ req.ssl_hello_type 1 }
  tcp-request content accept if { var(sess.secure) -m found }
)";

// No weight, no redispatch: a listener that is not found is never another one. Its times are
// the longest: the load balancer's own are behind it.
constexpr const char* kListeners = R"(backend tls
  mode tcp
  timeout connect 5s
  timeout server 1000s
  timeout server-fin 1000s
  timeout tunnel 1000s
  no option redispatch
  use-server %[var(sess.vip),map(vip.map),field(1,.),map(lb.map),field(12,|)] if TRUE
)";

constexpr const char* kSystemAuthorities = R"(backend authorities
  server system 127.0.0.1:9 disabled ssl verify required ca-file @system-ca
)";

// The parts of a request are asked for by `set-var` alone: were one in a condition or a format of a frontend, HAProxy
// would copy the first line of every request for the log.
constexpr const char* kRequests =
    R"(  tcp-request content set-log-level info if { var(sess.switches) -m sub l }
  http-request allow if { str(edition),map_str_int(device.map),sub(sess.edition) eq 0 }
  http-request set-var(txn.edition) str(edition),map_str_int(device.map)
  http-request set-var(txn.way) var(sess.vip),map(vip.map)
  http-request set-var(txn.lb) var(txn.way),field(1,.),map(lb.map)
  http-request reject if { var(txn.way) -m end .tls } !{ ssl_fc }
  http-request reject if !{ var(txn.way) -m end .tls } { ssl_fc }
  http-request reject if !{ var(txn.lb),field(1,|),field(2,_) -m str http plain }
  http-request reject if { str(suspended),map(device.map) -m found }
  http-request set-var(txn.switches) var(txn.lb),field(5,|)
  http-request reject if { var(txn.switches) -m sub s }
  http-request reject if { var(txn.switches) -m sub a } !{ var(txn.lb),field(6,|),concat(,sess.source),map_beg(access.map) -m beg allow }
  http-request set-var(sess.lb) var(txn.lb)
  http-request set-var(sess.backend) var(txn.lb),field(1,|)
  http-request unset-var(sess.edition) if !{ var(txn.switches) -m sub u }
  http-request set-var(sess.edition) var(txn.edition) if { var(txn.switches) -m sub u }
  http-request set-var(txn.page) var(txn.lb),field(7,|)
  http-request set-log-level info if { var(txn.switches) -m sub l }
  http-request set-var(txn.path) path if { var(txn.switches) -m sub l }
  http-request set-var(txn.request) method,concat(" ",txn.path) if { var(txn.switches) -m sub l }
  http-request set-var(txn.host) req.hdr(host),regsub(:[0-9]*$,) if { var(txn.switches) -m sub r } !{ ssl_fc }
  http-request set-var(txn.port) var(txn.lb),field(13,|),regsub(^,:),regsub(^:443$,) if { var(txn.host) -m found }
  http-request set-var(txn.pathq) pathq if { var(txn.host) -m found }
  http-request redirect location https://%[var(txn.host)]%[var(txn.port)]%[var(txn.pathq)] code 301 if { var(txn.host) -m found }
  http-request deny deny_status 400 if { var(txn.switches) -m sub r } !{ ssl_fc }
  http-request set-var(txn.cookie) req.cook(SERVERID) if { var(txn.lb),field(4,|) -m str cookie }
  http-request replace-header Cookie '^(.*; *)?SERVERID=[^;]*; *(.*)$' '\1\2' if { var(txn.cookie) -m found }
  http-request replace-header Cookie '^(.*); *SERVERID=[^;]*$' '\1' if { var(txn.cookie) -m found }
  http-request set-var(txn.cookies) req.fhdr(Cookie) if { var(txn.cookie) -m found }
  http-request del-header Cookie if { var(txn.cookies) -m reg ^SERVERID=[^;]*$ }
  http-request set-var(txn.added) var(txn.switches) if { var(txn.lb),field(2,_) -m str http }
  http-request add-header X-Forwarded-For %[var(sess.address)] if { var(txn.added) -m sub f }
  http-request set-header X-Forwarded-Proto %[ssl_fc,iif(https,http)] if { var(txn.added) -m sub p }
  http-request set-header X-Forwarded-Port %fp if { var(txn.added) -m sub o }
  use_backend %[var(sess.backend)]

)";

constexpr const char* kHttpRules =
    R"(  http-request set-timeout server var(txn.lb),field(2,|),add(0) if { var(txn.lb) -m found }
  use-server %[var(txn.cookie)] if { var(txn.cookie) -m found }
  http-response add-header Set-Cookie "SERVERID=%s; path=/" if { var(txn.lb),field(4,|) -m str cookie } !{ srv_name,strcmp(txn.cookie) eq 0 }
)";

constexpr const char* kPlainRules = R"(  http-request set-header X-Forwarded-Proto %[ssl_fc,iif(https,http)]
  http-request set-header X-Forwarded-Port %fp
  http-request add-header X-Forwarded-For %[var(sess.address)]
)";

constexpr const char* kHttpCheck = R"(  option httpchk
  http-check connect
  http-check send meth GET uri-lf "%[be_name,field(1,_),map(lb.map),field(3,|)]"
)";

constexpr const char* kLog =
    R"(  log global
  log-format "%[var(sess.lb),field(14,|)] client=%ci:%cp vip=%[var(sess.vip)] node=%s ms=%Tt in=%U out=%B end=%ts status=%ST request=%{+Q}[var(txn.request)]"
)";

std::string errorsText() {
  std::string page;
  for (std::size_t line = 0; line < kMostPageLines; ++line)
    page += fmt::format("%[var(txn.page,-),concat(.{}),map(page.map{}),url_dec]\\n", line,
                        line == 0 ? fmt::format(",{}", kDefaultPage) : "");
  std::string text;
  for (int status : {502, 503, 504})
    text += fmt::format("  http-error status {} content-type text/html lf-string \"{}\"\n", status, page);
  return text;
}

std::string throttleTable(int period) { return fmt::format("throttle_{}", period); }

// One counter set per period; what a client may do whatever its counters say comes first.
std::string throttleText() {
  std::string text =
      "  tcp-request connection set-var-fmt(sess.client) \"%[var(sess.lb),field(14,|)]@%[src]\" if "
      "{ var(sess.switches) -m sub t }\n";
  for (int period : kThrottlePeriods)
    text += fmt::format(
        "  tcp-request connection track-sc0 var(sess.client) table {} if {{ var(sess.lb),field(8,|) -m str {} }}\n",
        throttleTable(period), period);
  return text + R"(  tcp-request connection set-var(sess.most) var(sess.lb),field(9,|),add(0) if { sc0_tracked }
  tcp-request connection set-var(sess.free) var(sess.lb),field(10,|),add(0) if { sc0_tracked }
  tcp-request connection set-var(sess.new) var(sess.lb),field(11,|),add(0) if { sc0_tracked }
  tcp-request connection reject if { sc0_conn_cur,sub(sess.free) gt 0 } { var(sess.most) -m int gt 0 } { sc0_conn_cur,sub(sess.most) gt 0 }
  tcp-request connection reject if { sc0_conn_cur,sub(sess.free) gt 0 } { var(sess.new) -m int gt 0 } { sc0_conn_rate,sub(sess.new) gt 0 }
)";
}

std::string throttleTables() {
  std::string text;
  for (int period : kThrottlePeriods)
    text += fmt::format(
        "backend {}\n  stick-table type string len 128 size 100k expire {}s store conn_cur,conn_rate({}s)\n",
        throttleTable(period), 2 * period, period);
  return text;
}

std::string_view word(Balance balance) {
  constexpr std::string_view kWords[] = {"roundrobin", "leastconn", "random"};
  return kWords[static_cast<int>(balance)];
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
  return text;
}

bool takesIn(const Slot& slot, const ProxyState& state, Extent extent) {
  return extent == Extent::EverySlot || state.balancers.contains(slot.name());
}

std::string frontendText(const std::vector<std::uint16_t>& ports) {
  std::string text = "frontend catalogue\n  mode tcp\n";
  for (auto port : ports) text += fmt::format("  bind 0.0.0.0:{0}\n  bind [::]:{0} v6only\n", port);
  return text + kLog + kConnections + kSecureConnections + throttleText() + kStreams + kToListeners + kRequests;
}

std::set<int> listenersOf(const ProxyState& state, Extent extent) {
  std::set<int> listeners;
  if (extent == Extent::EverySlot)
    for (int listener = 1; listener <= kTlsListeners; ++listener) listeners.insert(listener);
  for (const auto& [slot, text] : state.balancers)
    if (const auto descriptor = Descriptor::parse(text); descriptor && descriptor->listener != 0)
      listeners.insert(descriptor->listener);
  return listeners;
}

// A rule for connections would not know yet who is behind the PROXY header.
std::string listenersText(const std::string& stats_socket, const std::set<int>& listeners) {
  std::string backend = kListeners, frontend = "frontend secure\n  mode tcp\n";
  for (const int listener : listeners) {
    const auto name = listenerName(listener);
    const auto path = fmt::format("unix@{}.{}", stats_socket, name);
    backend += fmt::format("  server {} {} send-proxy-v2 weight 0\n", name, path);
    frontend += fmt::format("  bind {} mode 600 accept-proxy ssl crt {} crt-list {}\n", path,
                            StoreName{listener}.text(), hostListOf(listener));
  }
  if (listeners.empty()) return backend;
  return backend + frontend + kLog + replaced(kConnections, "tcp-request connection", "tcp-request session") +
         "  tcp-request session reject if !{ var(sess.secure) -m found }\n" + kStreams + kRequests;
}

std::string modeText(const Variant& variant, const OptionClass& option_class) {
  const auto stick = [&](const char* descriptor) {
    return fmt::format("  stick on src table {} if {{ var({}),field(4,|) -m str source }}\n", sourceTable(variant.slot),
                       descriptor);
  };
  if (variant.plain) return kPlainRules;
  if (variant.mode == Mode::Http) return kHttpRules + stick("txn.lb");
  std::string text = fmt::format("  mode tcp\n  timeout tunnel {}ms\n", option_class.timeout.count());
  if (option_class.half_closed) text += fmt::format("  timeout server-fin {}ms\n", option_class.timeout.count());
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

Status appendSlot(const Slot& slot, const ProxyState& state, std::string& text) {
  for (const auto& variant : variantsOf(slot.number)) {
    text += backendText(variant, slot.option_class);
    const auto servers = state.servers.find(variant.name());
    if (servers != state.servers.end())
      if (auto status = appendServers(servers->second, text); !status) return status;
  }
  return ok();
}

Result<std::string> render(const DriverConfig& config, const ProxyState& state, Extent extent,
                           const std::string& description) {
  const auto management = readEndpoint(config.management);
  if (!isPlainPath(config.stats_socket) || !management)
    return Error{ErrorCode::Invalid, "The settings of the HAProxy driver are wrong",
                 fmt::format("stats socket '{}', management '{}'", config.stats_socket, config.management)};

  auto text = fmt::format(fmt::runtime(kGlobal), fmt::arg("description", description),
                          fmt::arg("drain", config.drain.count()), fmt::arg("server", kUsualTimeout.count()),
                          fmt::arg("socket", config.stats_socket), fmt::arg("errors", errorsText()),
                          fmt::arg("management", endpoint(management->address, management->port)));
  text += frontendText(config.ports) + throttleTables();
  text += listenersText(config.stats_socket, listenersOf(state, extent));
  if (extent == Extent::EverySlot) text += kSystemAuthorities;
  for (const auto& slot : allSlots())
    if (takesIn(slot, state, extent))
      if (auto status = appendSlot(slot, state, text); !status) return status.error();
  return text;
}

}  // namespace

Result<std::string> configText(const DriverConfig& config, const ProxyState& state, Extent extent) {
  auto base = baseOf(config);
  if (!base) return base.error();
  base->slots_in_use_only = extent == Extent::SlotsInUse;
  return render(config, state, extent, base->text());
}

Result<Base> baseOf(const DriverConfig& config) {
  auto portless = config;
  portless.ports.clear();
  const auto text = render(portless, {}, Extent::EverySlot, "");
  if (!text) return text.error();
  return Base{fingerprintOf(*text), {config.ports.begin(), config.ports.end()}};
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
