#include "sidecar/haproxy/step.h"

#include <fmt/format.h>

#include "sidecar/haproxy/certificates.h"
#include "sidecar/haproxy/slots.h"
#include "sidecar/haproxy/words.h"

namespace libra::sidecar::haproxy {

namespace {

using Commands = Result<std::vector<Command>>;

Error refuse(std::string_view what) {
  return Error{ErrorCode::Internal, "The change cannot be expressed to the proxy", fmt::format("refused: {}", what)};
}

Commands entryCommand(std::string_view verb, MapFile map, const std::string& key, const std::string* value) {
  const auto word = commandWord(key);
  const auto text = value ? commandWord(*value) : std::string();
  if (!word || !text) return refuse(key);
  auto line = fmt::format("{} map {} {}", verb, fileName(map), *word);
  if (value) line += " " + *text;
  if (line.size() > kLongestCommand) return refuse(key);
  return std::vector<Command>{{line, ""}};
}

// "backend/server" of a command; both are checked names, never free text.
Result<std::string> target(const std::string& backend, const std::string& name) {
  const auto word = commandWord(name);
  if (!Variant::parse(backend) || !word) return refuse(backend + "/" + name);
  return backend + "/" + *word;
}

// "tls/t5/a.example" of a command.
Result<std::string> storeWord(const std::string& store) {
  const auto name = StoreName::parse(store);
  if (!name || (!name->host.empty() && !isHostName(name->host))) return refuse(store);
  return store;
}

Result<std::string> listedStore(const std::string& store) {
  const auto word = storeWord(store);
  return !word || !StoreName::parse(store)->host.empty() ? word : refuse(store);
}

struct Writer {
  Commands operator()(const AddServer& step) const {
    const auto server = target(step.backend, step.name);
    if (!server) return server.error();
    const auto arguments = serverArguments(step.name, step.server);
    if (!arguments) return arguments.error();
    std::vector<Command> commands{{fmt::format("add server {} {}", *server, *arguments), "New server registered."}};
    if (ServerName::parse(step.name)->delay != 0) commands.push_back({"enable health " + *server, ""});
    return commands;
  }
  Commands operator()(const SetAdmin& step) const {
    constexpr const char* kWords[] = {"ready", "drain", "maint"};
    const auto server = target(step.backend, step.name);
    if (!server) return server.error();
    const auto* word = kWords[static_cast<int>(step.admin)];
    return std::vector<Command>{{fmt::format("set server {} state {}", *server, word), ""}};
  }
  Commands operator()(const SetWeight& step) const {
    const auto server = target(step.backend, step.name);
    if (!server) return server.error();
    return std::vector<Command>{{fmt::format("set server {} weight {}", *server, step.weight), ""}};
  }
  Commands operator()(const SetHealth& step) const {
    const auto server = target(step.backend, step.name);
    if (!server) return server.error();
    return std::vector<Command>{{fmt::format("set server {} health {}", *server, step.up ? "up" : "down"), ""}};
  }
  Commands operator()(const CutSessions& step) const {
    const auto server = target(step.backend, step.name);
    if (!server) return server.error();
    return std::vector<Command>{{"shutdown sessions server " + *server, ""}};
  }
  Commands operator()(const DeleteServer& step) const {
    const auto server = target(step.backend, step.name);
    if (!server) return server.error();
    return std::vector<Command>{{"del server " + *server, "Server deleted."}};
  }
  Commands operator()(const AddEntry& step) const { return entryCommand("add", step.map, step.key, &step.value); }
  Commands operator()(const SetEntry& step) const { return entryCommand("set", step.map, step.key, &step.value); }
  Commands operator()(const RemoveEntry& step) const { return entryCommand("del", step.map, step.key, nullptr); }
  // `del server` waits until no thread is at anything before it looks for the server.
  Commands operator()(const GracePeriod&) const {
    return std::vector<Command>{{"del server tls/nobody", "No such server."}};
  }
  Commands operator()(const ForgetSources& step) const {
    if (!Variant::parse(step.table)) return refuse(step.table);
    return std::vector<Command>{{"clear table " + step.table, ""}};
  }
  Commands operator()(const AddStore& step) const {
    const auto store = storeWord(step.store);
    if (!store) return store.error();
    return std::vector<Command>{{"new ssl cert " + *store, fmt::format("New empty certificate store '{}'!", *store)}};
  }
  Commands operator()(const PutCertificate& step) const {
    const auto store = storeWord(step.store);
    if (!store) return store.error();
    if (!isPayload(step.bundle.reveal())) return refuse(step.store);
    return std::vector<Command>{{"set ssl cert " + *store, fmt::format("for certificate {}!", *store), step.bundle},
                                {"commit ssl cert " + *store, "Success!"}};
  }
  Commands operator()(const ListHost& step) const {
    const auto store = listedStore(step.store);
    if (!store) return store.error();
    const auto name = *StoreName::parse(*store);
    return std::vector<Command>{
        {"add ssl crt-list " + hostListOf(name.listener), "Success!", Secret(hostListEntry(name) + "\n")}};
  }
  Commands operator()(const UnlistHost& step) const {
    const auto store = listedStore(step.store);
    if (!store) return store.error();
    const auto list = hostListOf(StoreName::parse(*store)->listener);
    return std::vector<Command>{{fmt::format("del ssl crt-list {} {}", list, *store),
                                 fmt::format("Entry '{}' deleted in crtlist '{}'!", *store, list)}};
  }
  Commands operator()(const DeleteStore& step) const {
    const auto store = storeWord(step.store);
    if (!store) return store.error();
    return std::vector<Command>{{"del ssl cert " + *store, fmt::format("Certificate '{}' deleted!", *store)}};
  }
  Commands operator()(const AbortTransaction& step) const {
    if (!isPlainPath(step.store)) return refuse(step.store);
    return std::vector<Command>{
        {"abort ssl cert " + step.store, fmt::format("Transaction aborted for certificate '{}'!", step.store)}};
  }
  Commands operator()(const AddAuthority& step) const {
    if (!isPlainPath(step.authority) || !isPayload(step.certificates)) return refuse(step.authority);
    return std::vector<Command>{
        {"new ssl ca-file " + step.authority, fmt::format("New CA file created '{}'!", step.authority)},
        {"set ssl ca-file " + step.authority, fmt::format("for CA {}!", step.authority), Secret(step.certificates)},
        {"commit ssl ca-file " + step.authority, "Success!"}};
  }
  Commands operator()(const DeleteAuthority& step) const {
    if (!isPlainPath(step.authority)) return refuse(step.authority);
    return std::vector<Command>{
        {"del ssl ca-file " + step.authority, fmt::format("CA file '{}' deleted!", step.authority)}};
  }
};

// `check-ssl` also for a server without checks: it costs nothing there.
Result<std::string> tlsArguments(const std::string& digest, const ServerTls& tls) {
  if (!tls.host.empty() && !isHostName(tls.host)) return refuse(tls.host);
  const auto authority = tls.own_authority ? authorityName(digest) : "@system-ca";
  auto text = tls.verify ? fmt::format(" check-ssl ssl verify required ca-file {}", authority)
                         : std::string(" check-ssl ssl verify none");
  if (!tls.host.empty()) text += fmt::format(" sni str({0}) check-sni {0}", tls.host);
  if (tls.verify && !tls.host.empty()) text += " verifyhost " + tls.host;
  return text;
}

}  // namespace

std::string fileName(MapFile map) {
  switch (map) {
    case MapFile::Device:
      return "device.map";
    case MapFile::Balancers:
      return "lb.map";
    case MapFile::Vips:
      return "vip.map";
    case MapFile::Drains:
      return "drain.map";
    case MapFile::Access:
      return "access.map";
    case MapFile::Pages:
      return "page.map";
    case MapFile::Certificates:
      return "certificate.map";
  }
  return "";
}

Entries& entriesOf(ProxyState& state, MapFile map) {
  switch (map) {
    case MapFile::Device:
      break;
    case MapFile::Balancers:
      return state.balancers;
    case MapFile::Vips:
      return state.vips;
    case MapFile::Drains:
      return state.drains;
    case MapFile::Access:
      return state.access;
    case MapFile::Pages:
      return state.pages;
    case MapFile::Certificates:
      return state.certificates;
  }
  return state.device;
}

const Entries& entriesOf(const ProxyState& state, MapFile map) {
  return entriesOf(const_cast<ProxyState&>(state), map);
}

std::string subjectOf(const Step& step) {
  return std::visit(
      [](const auto& one) {
        if constexpr (requires { one.backend + one.name; }) return one.backend + "/" + one.name;
        if constexpr (requires { one.map; }) return fileName(one.map) + " " + one.key;
        if constexpr (requires { one.table; }) return one.table;
        if constexpr (requires { one.store; }) return one.store;
        if constexpr (requires { one.authority; }) return one.authority;
        return std::string();
      },
      step);
}

Result<std::vector<Command>> commandsFor(const Step& step) { return std::visit(Writer{}, step); }

Result<std::string> serverArguments(const std::string& name, const Server& server) {
  const auto parsed = ServerName::parse(name);
  if (!parsed || !isId(parsed->node) || server.port == 0) return refuse(name);
  // Without the two pool arguments 2.6 opens a new connection to the node per request.
  const auto check = parsed->delay == 0
                         ? std::string()
                         : fmt::format(" check inter {0}s rise {1} fall {1}", parsed->delay, parsed->attempts);
  const auto tls = server.tls ? tlsArguments(parsed->tls, *server.tls) : Result<std::string>("");
  if (!tls) return tls.error();
  return fmt::format("{} weight {}{} pool-max-conn 100 pool-purge-delay 5s{}{}{}",
                     endpoint(server.address, server.port), server.weight, check, server.backup ? " backup" : "",
                     parsed->proxy ? " send-proxy" : "", *tls);
}

}  // namespace libra::sidecar::haproxy
