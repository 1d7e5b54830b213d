#include <memory>

#include "cli/commands.h"

namespace libra::cli {

namespace information_words {
namespace {

const std::vector<Column> kVipColumns{
    {"id", "Id"}, {"type", "Type"}, {"ipVersion", "IP Version"}, {"address", "Address"}};

// A command without arguments that lists `member` of the answer.
CLI::App* addPlainList(CLI::App& parent, const std::string& word, const char* help, Session& session,
                       const std::string& path, const std::string& member, const std::vector<Column>& columns) {
  auto* list = parent.add_subcommand(word, help);
  addOutputOptions(*list, session);
  list->callback(
      [&session, path, member, columns] { printList(session.output(), Api(session.api).get(path)[member], columns); });
  return list;
}

void printLimits(Session& session) {
  const auto values = Api(session.api).get("/limits")["limits"]["absolute"]["values"];
  std::vector<Column> columns;
  for (const char* name :
       {"maxLoadBalancers", "maxNodesPerLoadBalancer", "maxLoadBalancerNameLength", "maxVIPsPerLoadBalancer"})
    columns.push_back({name, name});
  printRecord(session.output(), values, columns);
}

CLI::App* addLimits(CLI::App& parent, const std::string& word, Session& session) {
  auto* list = parent.add_subcommand(word, "what you may use");
  addOutputOptions(*list, session);
  list->callback([&session] { printLimits(session); });
  return list;
}

CLI::App* addVips(CLI::App& parent, const std::string& word, Session& session) {
  auto lb = std::make_shared<std::string>();
  auto* list = parent.add_subcommand(word, "the virtual IPs of a load balancer");
  list->add_option("loadbalancer", *lb, "load balancer")->required();
  addOutputOptions(*list, session);
  list->callback([&session, lb] {
    printList(session.output(), Api(session.api).get("/loadbalancers/" + *lb + "/virtualips")["virtualIps"],
              kVipColumns);
  });
  return list;
}

CLI::App* addLogs(CLI::App& parent, const std::string& word, Session& session) {
  struct Arguments {
    std::string lb, storage, endpoint, basepath, token;
  };
  auto arguments = std::make_shared<Arguments>();
  auto* logs = parent.add_subcommand(word, "archive a load balancer's logs");
  logs->add_option("loadbalancer", arguments->lb, "load balancer")->required();
  logs->add_option("--storage", arguments->storage, "Swift");
  logs->add_option("--endpoint", arguments->endpoint, "where to");
  logs->add_option("--basepath", arguments->basepath, "container");
  logs->add_option("--storage-token", arguments->token, "token for the storage");
  logs->callback([&session, arguments] {
    auto body = json::Value::object();
    if (!arguments->storage.empty()) body.set("objectStoreType", arguments->storage);
    if (!arguments->endpoint.empty()) body.set("objectStoreEndpoint", arguments->endpoint);
    if (!arguments->basepath.empty()) body.set("objectStoreBasePath", arguments->basepath);
    if (!arguments->token.empty()) body.set("authToken", arguments->token);
    Api(session.api).post("/loadbalancers/" + arguments->lb + "/logs", body);
  });
  return logs;
}

}  // namespace
}  // namespace information_words

void addInformationCommands(CLI::App& app, Session& session) {
  using namespace information_words;
  const std::vector<Column> algorithm{{"name", "Algorithm Name"}};
  const std::vector<Column> protocol{{"name", "Name"}, {"port", "Port"}};
  addVips(*addGroup(app, "vip", "virtual IPs: list; of any tenant (operator): show, move"), "list", session);
  addLogs(*addGroup(app, "log", "logs: archive"), "archive", session);
  addLimits(*addGroup(app, "limit", "limits: list"), "list", session);
  addPlainList(*addGroup(app, "algorithm", "algorithms: list"), "list", "how nodes can be chosen", session,
               "/algorithms", "algorithms", algorithm);
  addPlainList(*addGroup(app, "protocol", "protocols: list"), "list", "what can be balanced, and where it listens",
               session, "/protocols", "protocols", protocol);

  addVips(app, "virtualips", session)->group("");
  addLogs(app, "logs", session)->group("");
  for (const char* word : {"limit-list", "limits"}) addLimits(app, word, session)->group("");
  for (const char* word : {"algorithm-list", "algorithms"})
    addPlainList(app, word, "", session, "/algorithms", "algorithms", algorithm)->group("");
  for (const char* word : {"protocol-list", "protocols"})
    addPlainList(app, word, "", session, "/protocols", "protocols", protocol)->group("");
}

}  // namespace libra::cli
