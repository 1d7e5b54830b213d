#include "sidecar/haproxy/step.h"

#include <fmt/format.h>

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

struct Writer {
  Commands operator()(const AddServer& step) const {
    const auto server = target(step.backend, step.name);
    if (!server) return server.error();
    const auto arguments = serverArguments(step.name, step.server);
    if (!arguments) return arguments.error();
    return std::vector<Command>{{fmt::format("add server {} {}", *server, *arguments), "New server registered."},
                                {"enable health " + *server, ""}};
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
  Commands operator()(const ForgetSources& step) const {
    if (!Variant::parse(step.table)) return refuse(step.table);
    return std::vector<Command>{{"clear table " + step.table, ""}};
  }
};

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
  }
  return state.device;
}

const Entries& entriesOf(const ProxyState& state, MapFile map) {
  return entriesOf(const_cast<ProxyState&>(state), map);
}

Result<std::vector<Command>> commandsFor(const Step& step) { return std::visit(Writer{}, step); }

Result<std::string> serverArguments(const std::string& name, const Server& server) {
  const auto parsed = ServerName::parse(name);
  if (!parsed || !isId(parsed->node) || server.port == 0) return refuse(name);
  // Without the two pool arguments 2.6 opens a new connection to the node per request.
  return fmt::format("{} weight {} check inter {}s rise {} fall {} pool-max-conn 100 pool-purge-delay 5s{}",
                     endpoint(server.address, server.port), server.weight, parsed->delay, parsed->attempts,
                     parsed->attempts, server.backup ? " backup" : "");
}

}  // namespace libra::sidecar::haproxy
