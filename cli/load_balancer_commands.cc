#include <memory>

#include "cli/commands.h"
#include "lib/http/message.h"

namespace libra::cli {

namespace load_balancer_words {
namespace {

const std::vector<Column> kListColumns{{"id", "ID"},           {"name", "Name"},       {"protocol", "Protocol"},
                                       {"port", "Port"},       {"status", "Status"},   {"algorithm", "Algorithm"},
                                       {"created", "Created"}, {"updated", "Updated"}, {"nodeCount", "Node Count"}};
const std::vector<Column> kShowColumns{{"id", "ID"},
                                       {"name", "Name"},
                                       {"protocol", "Protocol"},
                                       {"port", "Port"},
                                       {"status", "Status"},
                                       {"statusDescription", "Status Description"},
                                       {"algorithm", "Algorithm"},
                                       {"created", "Created"},
                                       {"updated", "Updated"},
                                       {"nodeCount", "Node Count"},
                                       {"options", "Options"},
                                       {"nodes", "Node listing"},
                                       {"virtualIps", "Virtual IPs"}};

const std::vector<Column> kOperatorColumns{{"id", "ID"},
                                           {"name", "Name"},
                                           {"tenant", "Tenant"},
                                           {"status", "Status"},
                                           {"statusDescription", "Status Description"},
                                           {"device", "Device"},
                                           {"owner", "Seen to by"},
                                           {"attempts", "Failed attempts"},
                                           {"nextDue", "Next attempt"},
                                           {"deadline", "Deadline"},
                                           {"lastError", "Last error"}};

const std::vector<Column> kUsageColumns{{"start", "From"},         {"end", "To"},
                                        {"device", "Device"},      {"bytesIn", "Bytes in"},
                                        {"bytesOut", "Bytes out"}, {"connections", "Connections"},
                                        {"status", "Status"}};

struct Arguments {
  std::string id, name, protocol, port, algorithm, vip;
  std::vector<std::string> nodes;
  int timeout = -1, retries = -1, limit = 100;
  bool deleted = false, as_operator = false;
};

json::Value optionsOf(const Arguments& arguments) {
  auto options = json::Value::object();
  if (arguments.timeout >= 0) options.set("timeout", arguments.timeout);
  if (arguments.retries >= 0) options.set("retries", arguments.retries);
  return options;
}

json::Value createBody(const Arguments& arguments) {
  auto nodes = json::Value::array();
  for (const auto& text : arguments.nodes) nodes.push(parseNode(text));
  auto body = json::Value::object().set("name", arguments.name).set("nodes", nodes);
  if (!arguments.protocol.empty()) body.set("protocol", arguments.protocol);
  if (!arguments.port.empty()) body.set("port", arguments.port);
  if (!arguments.algorithm.empty()) body.set("algorithm", arguments.algorithm);
  if (const auto options = optionsOf(arguments); options.size() > 0) body.set("options", options);
  if (!arguments.vip.empty())
    body.set("virtualIps", json::Value::array().push(json::Value::object().set("id", arguments.vip)));
  return body;
}

void create(Session& session, const Arguments& arguments) {
  Api api(session.api);
  auto made = api.post("/loadbalancers", createBody(arguments));
  if (session.wait) {
    waitUntilSettled(session, api, made["id"].text());
    made = api.get("/loadbalancers/" + made["id"].text());
  }
  printRecord(session.output(), made, kShowColumns);
}

void list(Session& session, const Arguments& arguments) {
  Api api(session.api);
  const auto answer = api.get(arguments.deleted ? "/loadbalancers?status=DELETED" : "/loadbalancers");
  printList(session.output(), answer["loadBalancers"], kListColumns);
}

// In json as the admin API has it, else with what it waits for in the same record.
void showToOperator(Session& session, const Arguments& arguments) {
  auto shown = Api(session.admin()).get("/loadbalancers/" + arguments.id);
  const auto waiting = shown["waiting"];
  if (session.format != Format::Json && waiting.isObject())
    waiting.eachMember([&](std::string_view name, const json::Value& value) { shown.set(name, value); });
  printRecord(session.output(), shown, kOperatorColumns);
}

void show(Session& session, const Arguments& arguments) {
  if (arguments.as_operator) return showToOperator(session, arguments);
  printRecord(session.output(), Api(session.api).get("/loadbalancers/" + arguments.id), kShowColumns);
}

void set(Session& session, const Arguments& arguments, bool name_given) {
  auto body = json::Value::object();
  if (name_given) body.set("name", arguments.name);
  if (!arguments.algorithm.empty()) body.set("algorithm", arguments.algorithm);
  if (const auto options = optionsOf(arguments); options.size() > 0) body.set("options", options);
  if (body.size() == 0) throw Failure(kUsage, "Nothing to set: give --name, --algorithm, --timeout-ms or --retries");
  Api api(session.api);
  api.put("/loadbalancers/" + arguments.id, body);
  waitUntilSettled(session, api, arguments.id);
}

void remove(Session& session, const Arguments& arguments) {
  Api api(session.api);
  api.remove("/loadbalancers/" + arguments.id);
  waitUntilGone(session, api, arguments.id);
}

void usage(Session& session, const Arguments& arguments) {
  const auto path = "/loadbalancers/" + http::percentEncode(arguments.id) + "/usage?limit=";
  printList(session.output(), Api(session.admin()).get(path + std::to_string(arguments.limit))["usage"], kUsageColumns);
}

void addAlgorithm(CLI::App& command, Arguments& arguments) {
  command.add_option("--algorithm", arguments.algorithm, "ROUND_ROBIN or LEAST_CONNECTIONS");
  command.add_option("--timeout-ms", arguments.timeout, "time-out of clients and nodes, ms")
      ->check(CLI::NonNegativeNumber);
  command.add_option("--retries", arguments.retries, "tries to connect to a node")->check(CLI::NonNegativeNumber);
}

CLI::App* addCreate(CLI::App& parent, Session& session, std::shared_ptr<Arguments> arguments) {
  auto* command = parent.add_subcommand("create", "make a load balancer");
  command->add_option("--name", arguments->name, "its name")->required();
  command->add_option("--node", arguments->nodes, "ip:port[:weight=N][:backup=TRUE][:condition=DISABLED] (repeatable)")
      ->required()
      ->expected(1)
      ->take_all();
  command->add_option("--protocol", arguments->protocol, "HTTP, TCP or GALERA");
  command->add_option("--port", arguments->port, "where it listens");
  command->add_option("--vip", arguments->vip, "id of a virtual IP of yours to share");
  addAlgorithm(*command, *arguments);
  addOutputOptions(*command, session);
  addWaitOptions(*command, session);
  command->callback([&session, arguments] { create(session, *arguments); });
  return command;
}

CLI::App* addList(CLI::App& parent, Session& session, std::shared_ptr<Arguments> arguments) {
  auto* command = parent.add_subcommand("list", "your load balancers");
  command->add_flag("--deleted", arguments->deleted, "deleted ones instead");
  addOutputOptions(*command, session);
  command->callback([&session, arguments] { list(session, *arguments); });
  return command;
}

CLI::App* addShow(CLI::App& parent, Session& session, std::shared_ptr<Arguments> arguments) {
  auto* command = parent.add_subcommand("show", "one load balancer");
  command->add_option("id", arguments->id, "load balancer")->required();
  command->add_flag("--operator", arguments->as_operator, "any tenant's, and what it waits for (operator)");
  addOutputOptions(*command, session);
  command->callback([&session, arguments] { show(session, *arguments); });
  return command;
}

CLI::App* addSet(CLI::App& parent, const char* word, Session& session, std::shared_ptr<Arguments> arguments) {
  auto* command = parent.add_subcommand(word, "change name, algorithm or options");
  command->add_option("id", arguments->id, "load balancer")->required();
  auto* name = command->add_option("--name", arguments->name, "new name");
  addAlgorithm(*command, *arguments);
  addWaitOptions(*command, session);
  command->callback([&session, arguments, name] { set(session, *arguments, name->count() > 0); });
  return command;
}

CLI::App* addDelete(CLI::App& parent, Session& session, std::shared_ptr<Arguments> arguments) {
  auto* command = parent.add_subcommand("delete", "remove a load balancer");
  command->add_option("id", arguments->id, "load balancer")->required();
  addWaitOptions(*command, session);
  command->callback([&session, arguments] { remove(session, *arguments); });
  return command;
}

void addUsage(CLI::App& parent, Session& session) {
  const auto arguments = std::make_shared<Arguments>();
  auto* command = parent.add_subcommand("usage", "what it used, the latest first (operator)");
  command->add_option("id", arguments->id, "load balancer, also a deleted one")->required();
  command->add_option("--limit", arguments->limit, "so many at most")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  addOutputOptions(*command, session);
  command->callback([&session, arguments] { usage(session, *arguments); });
}

std::vector<CLI::App*> addAll(CLI::App& parent, const char* set_word, Session& session) {
  return {addCreate(parent, session, std::make_shared<Arguments>()),
          addList(parent, session, std::make_shared<Arguments>()),
          addShow(parent, session, std::make_shared<Arguments>()),
          addSet(parent, set_word, session, std::make_shared<Arguments>()),
          addDelete(parent, session, std::make_shared<Arguments>())};
}

}  // namespace
}  // namespace load_balancer_words

void addLoadBalancerCommands(CLI::App& app, Session& session) {
  using namespace load_balancer_words;
  auto* group = app.add_subcommand("loadbalancer", "load balancers: create, list, show, set, delete; usage (operator)");
  group->require_subcommand(1);
  addAll(*group, "set", session);
  addUsage(*group, session);
  for (auto* old : addAll(app, "update", session)) old->group("");  // the ancestor's names, not in --help
}

}  // namespace libra::cli
