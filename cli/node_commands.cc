#include <memory>
#include <sstream>

#include "cli/commands.h"
#include "lib/base/net_address.h"

namespace libra::cli {

namespace node_words {
namespace {

const std::vector<Column> kColumns{
    {"id", "ID"}, {"address", "Address"}, {"port", "Port"}, {"condition", "Condition"}, {"status", "Status"}};

struct Arguments {
  std::string lb, node, condition, weight;
  std::vector<std::string> nodes;

  std::string collection() const { return "/loadbalancers/" + lb + "/nodes"; }
};

void create(Session& session, const Arguments& arguments) {
  auto nodes = json::Value::array();
  for (const auto& text : arguments.nodes) nodes.push(parseNode(text));
  Api api(session.api);
  const auto made = api.post(arguments.collection(), json::Value::object().set("nodes", nodes));
  waitUntilSettled(session, api, arguments.lb);
  printList(session.output(), made["nodes"], kColumns);
}

// Only what was given is sent: the ancestor's client silently set weight 1.
void set(Session& session, const Arguments& arguments) {
  auto body = json::Value::object();
  if (!arguments.condition.empty()) body.set("condition", arguments.condition);
  if (!arguments.weight.empty()) body.set("weight", arguments.weight);
  if (body.size() == 0) throw Failure(kUsage, "Nothing to set: give --condition or --weight");
  Api api(session.api);
  api.put(arguments.collection() + "/" + arguments.node, body);
  waitUntilSettled(session, api, arguments.lb);
}

void remove(Session& session, const Arguments& arguments) {
  Api api(session.api);
  api.remove(arguments.collection() + "/" + arguments.node);
  waitUntilSettled(session, api, arguments.lb);
}

// A command on a load balancer and, with `node`, on one node of it.
CLI::App* command(CLI::App& parent, const std::string& word, const char* help, Arguments& arguments, bool node) {
  auto* made = parent.add_subcommand(word, help);
  made->add_option("loadbalancer", arguments.lb, "load balancer")->required();
  if (node) made->add_option("node", arguments.node, "node")->required();
  return made;
}

CLI::App* addList(CLI::App& parent, const std::string& word, Session& session) {
  auto arguments = std::make_shared<Arguments>();
  auto* list = command(parent, word, "the nodes of a load balancer", *arguments, false);
  addOutputOptions(*list, session);
  list->callback([&session, arguments] {
    printList(session.output(), Api(session.api).get(arguments->collection())["nodes"], kColumns);
  });
  return list;
}

CLI::App* addShow(CLI::App& parent, const std::string& word, Session& session) {
  auto arguments = std::make_shared<Arguments>();
  auto* show = command(parent, word, "one node", *arguments, true);
  addOutputOptions(*show, session);
  show->callback([&session, arguments] {
    printRecord(session.output(), Api(session.api).get(arguments->collection() + "/" + arguments->node), kColumns);
  });
  return show;
}

CLI::App* addCreate(CLI::App& parent, const std::string& word, Session& session) {
  auto arguments = std::make_shared<Arguments>();
  auto* made = command(parent, word, "add nodes", *arguments, false);
  made->add_option("--node", arguments->nodes, "ip:port[:weight=N][:backup=TRUE][:condition=DISABLED] (repeatable)")
      ->required()
      ->expected(1)
      ->take_all();
  addOutputOptions(*made, session);
  addWaitOptions(*made, session);
  made->callback([&session, arguments] { create(session, *arguments); });
  return made;
}

CLI::App* addSet(CLI::App& parent, const std::string& word, Session& session) {
  auto arguments = std::make_shared<Arguments>();
  auto* made = command(parent, word, "enable, disable or weigh a node", *arguments, true);
  made->add_option("--condition", arguments->condition, "ENABLED or DISABLED");
  made->add_option("--weight", arguments->weight, "1 to 256");
  addWaitOptions(*made, session);
  made->callback([&session, arguments] { set(session, *arguments); });
  return made;
}

CLI::App* addDelete(CLI::App& parent, const std::string& word, Session& session) {
  auto arguments = std::make_shared<Arguments>();
  auto* made = command(parent, word, "remove a node", *arguments, true);
  addWaitOptions(*made, session);
  made->callback([&session, arguments] { remove(session, *arguments); });
  return made;
}

void hide(CLI::App* old) { old->group(""); }

}  // namespace
}  // namespace node_words

json::Value parseNode(const std::string& text) {
  const auto bad = [&] {
    return Failure(kUsage,
                   "'" + text + "' is no node: want ip:port[:weight=N][:backup=TRUE|FALSE], an IPv6 address in []");
  };
  const auto bracket = text.rfind(']');
  const auto colon = text.find(':', bracket == std::string::npos ? 0 : bracket);
  if (colon == std::string::npos) throw bad();
  const bool v6 = bracket != std::string::npos && text[0] == '[' && colon == bracket + 1;
  auto node = json::Value::object().set("address", v6 ? text.substr(1, bracket - 1) : text.substr(0, colon));
  std::istringstream parts(text.substr(colon + 1));
  std::string part;
  if (!std::getline(parts, part, ':') || part.empty()) throw bad();
  node.set("port", part);
  while (std::getline(parts, part, ':')) {
    const auto equals = part.find('=');
    const std::string key = part.substr(0, equals);
    if (equals == std::string::npos || (key != "weight" && key != "backup" && key != "condition")) throw bad();
    node.set(key, part.substr(equals + 1));
  }
  return node;
}

void addNodeCommands(CLI::App& app, Session& session) {
  using namespace node_words;
  auto* group = app.add_subcommand("node", "a load balancer's nodes: create, list, show, set, delete");
  group->require_subcommand(1);
  addCreate(*group, "create", session);
  addList(*group, "list", session);
  addShow(*group, "show", session);
  addSet(*group, "set", session);
  addDelete(*group, "delete", session);
  for (const char* word : {"node-create", "node-add"}) hide(addCreate(app, word, session));
  hide(addList(app, "node-list", session));
  hide(addShow(app, "node-show", session));
  hide(addSet(app, "node-update", session));
  hide(addDelete(app, "node-delete", session));
}

}  // namespace libra::cli
