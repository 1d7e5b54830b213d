#include <charconv>
#include <memory>

#include "cli/commands.h"
#include "lib/http/message.h"

namespace libra::cli {

namespace operator_words {
namespace {

const std::vector<Column> kPool{{"devicesUsed", "Devices used"},
                                {"devicesAvailable", "Devices available"},
                                {"devicesError", "Devices in error"},
                                {"devicesPendingDelete", "Devices being deleted"},
                                {"vipsUsed", "VIPs used"},
                                {"vipsAvailable", "VIPs available"},
                                {"vipsBad", "VIPs bad"}};
const std::vector<Column> kBreaker{{"open", "Open"}, {"reason", "Reason"}, {"waiting", "Devices waiting"}};
const std::vector<Column> kVip{{"id", "ID"}, {"address", "Address"}, {"device", "Device"}, {"epoch", "Epoch"}};
const std::vector<Column> kMoved{{"oldId", "Old ID"}, {"newId", "New ID"}};
const std::vector<Column> kCounters{{"name", "Name"}, {"value", "Value"}};
const std::vector<Column> kEvents{
    {"id", "ID"}, {"at", "Time"}, {"kind", "Event"}, {"object", "Object"}, {"text", "Text"}};
const std::vector<Column> kLimits{{"maxLoadBalancers", "maxLoadBalancers"},
                                  {"maxNodesPerLoadBalancer", "maxNodesPerLoadBalancer"},
                                  {"maxLoadBalancerNameLength", "maxLoadBalancerNameLength"},
                                  {"maxVIPsPerLoadBalancer", "maxVIPsPerLoadBalancer"}};
const std::vector<Column> kUsers{{"tenant", "Tenant"}, {"level", "Level"}};

struct Arguments {
  std::string tenant, level = "USER", name, value, device, vip, lb;
  int limit = 100;
};
using Work = void (*)(Session&, const Arguments&);

CLI::App* addCommand(CLI::App& parent, const char* word, const char* help, Session& session, Work work,
                     const std::shared_ptr<Arguments>& arguments) {
  auto* command = parent.add_subcommand(word, help);
  addOutputOptions(*command, session);
  command->callback([&session, arguments, work] { work(session, *arguments); });
  return command;
}

std::int64_t numberIn(const std::string& text, const std::string& otherwise) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) throw Failure(kUsage, otherwise + ": " + text);
  return number;
}

// In json as the API has it, else with all numbers in one record.
void showPool(Session& session, const Arguments&) {
  const auto pool = Api(session.admin()).get("/status/pool");
  if (session.format == Format::Json) return printRecord(session.output(), pool, kPool);
  const auto devices = pool["devices"], vips = pool["vips"];
  auto flat = json::Value::object();
  flat.set("devicesUsed", devices["used"])
      .set("devicesAvailable", devices["available"])
      .set("devicesError", devices["error"])
      .set("devicesPendingDelete", devices["pendingDelete"])
      .set("vipsUsed", vips["used"])
      .set("vipsAvailable", vips["available"])
      .set("vipsBad", vips["bad"]);
  printRecord(session.output(), flat, kPool);
}

void showBreaker(Session& session, const Arguments&) {
  printRecord(session.output(), Api(session.admin()).get("/status/breaker"), kBreaker);
}

void closeBreaker(Session& session, const Arguments&) {
  Api(session.admin()).put("/status/breaker", json::Value::object().set("open", false));
}

std::string vipPath(const Arguments& arguments) { return "/vips/" + http::percentEncode(arguments.vip); }

void showVip(Session& session, const Arguments& arguments) {
  printRecord(session.output(), Api(session.admin()).get(vipPath(arguments)), kVip);
}

void moveVip(Session& session, const Arguments& arguments) {
  const auto body = json::Value::object().set("device", numberIn(arguments.device, "A device is told by its number"));
  printRecord(session.output(), Api(session.admin()).put(vipPath(arguments), body), kMoved);
}

void listCounters(Session& session, const Arguments&) {
  printList(session.output(), Api(session.admin()).get("/status/counters"), kCounters);
}

void listEvents(Session& session, const Arguments& arguments) {
  std::string path = "/events";
  for (const auto& [kind, id] :
       {std::pair{"devices", arguments.device}, {"vips", arguments.vip}, {"loadbalancers", arguments.lb}})
    if (!id.empty()) path = "/" + std::string(kind) + "/" + http::percentEncode(id) + "/events";
  printList(session.output(), Api(session.admin()).get(path + "?limit=" + std::to_string(arguments.limit))["events"],
            kEvents);
}

std::string limitsPath(const Arguments& arguments) {
  return arguments.tenant.empty() ? "/status/limits" : "/status/limits/" + http::percentEncode(arguments.tenant);
}

void showLimits(Session& session, const Arguments& arguments) {
  printRecord(session.output(), Api(session.admin()).get(limitsPath(arguments)), kLimits);
}

json::Value limitValue(const std::string& text) {
  return text == "none" ? json::Value::null() : json::Value::of(numberIn(text, "A limit is a number, or none"));
}

void setLimit(Session& session, const Arguments& arguments) {
  const auto body = json::Value::object().set(arguments.name, limitValue(arguments.value));
  Api(session.admin()).put(limitsPath(arguments), body);
}

std::string userPath(const Arguments& arguments) { return "/user/" + http::percentEncode(arguments.tenant); }

void listUsers(Session& session, const Arguments&) {
  printList(session.output(), Api(session.admin()).get("/user"), kUsers);
}

void showUser(Session& session, const Arguments& arguments) {
  printRecord(session.output(), Api(session.admin()).get(userPath(arguments)), kUsers);
}

void addUser(Session& session, const Arguments& arguments) {
  const auto body = json::Value::object().set("tenant", arguments.tenant).set("level", arguments.level);
  Api(session.admin()).post("/user", body);
}

void setUser(Session& session, const Arguments& arguments) {
  Api(session.admin()).put(userPath(arguments), json::Value::object().set("level", arguments.level));
}

void removeUser(Session& session, const Arguments& arguments) { Api(session.admin()).remove(userPath(arguments)); }

// Beside the tenant's own `vip list`.
void addVips(CLI::App& app, Session& session) {
  const auto arguments = std::make_shared<Arguments>();
  auto* group = app.get_subcommand("vip");
  auto* shown = addCommand(*group, "show", "which device holds it (operator)", session, showVip, arguments);
  auto* moved = addCommand(*group, "move", "to a spare, with all that its device carries (operator)", session, moveVip,
                           arguments);
  for (auto* command : {shown, moved}) command->add_option("vip", arguments->vip, "virtual IP, by its id")->required();
  moved->add_option("--device", arguments->device, "the spare")->required();
}

void addEvents(CLI::App& app, Session& session) {
  const auto arguments = std::make_shared<Arguments>();
  auto* list = addCommand(*addGroup(app, "event", "what happened (operator): list"), "list", "the latest first",
                          session, listEvents, arguments);
  auto* device = list->add_option("--device", arguments->device, "of this device only");
  auto* vip = list->add_option("--vip", arguments->vip, "of this virtual IP only")->excludes(device);
  list->add_option("--loadbalancer", arguments->lb, "of this load balancer only")->excludes(device)->excludes(vip);
  list->add_option("--limit", arguments->limit, "so many at most")->check(CLI::Range(1, 1000))->capture_default_str();
}

void addLimits(CLI::App& app, Session& session) {
  const auto arguments = std::make_shared<Arguments>();
  auto* group = addGroup(app, "admin-limit", "limits of all tenants or of one (operator): show, set");
  auto* shown = addCommand(*group, "show", "limits in force", session, showLimits, arguments);
  auto* set = addCommand(*group, "set", "change a limit", session, setLimit, arguments);
  set->add_option("name", arguments->name, "e.g. maxLoadBalancers")->required();
  set->add_option("value", arguments->value, "a number; none takes a tenant's own limit back")->required();
  for (auto* command : {shown, set}) command->add_option("--tenant", arguments->tenant, "of this tenant only");
}

void addUsers(CLI::App& app, Session& session) {
  const auto arguments = std::make_shared<Arguments>();
  auto* group = addGroup(app, "admin-user", "tenants that operate this cloud (operator): list, show, add, set, delete");
  addCommand(*group, "list", "who may look, who may change", session, listUsers, arguments);
  auto* shown = addCommand(*group, "show", "one of them", session, showUser, arguments);
  auto* added = addCommand(*group, "add", "let a tenant in", session, addUser, arguments);
  auto* set = addCommand(*group, "set", "change a tenant's level", session, setUser, arguments);
  auto* removed = addCommand(*group, "delete", "shut a tenant out", session, removeUser, arguments);
  for (auto* command : {shown, added, set, removed})
    command->add_option("tenant", arguments->tenant, "tenant")->required();
  for (auto* command : {added, set})
    command->add_option("--level", arguments->level, "USER looks, ADMIN changes")
        ->check(CLI::IsMember({"USER", "ADMIN"}))
        ->capture_default_str();
  set->get_option("--level")->required();
}

}  // namespace
}  // namespace operator_words

void addOperatorCommands(CLI::App& app, Session& session) {
  using namespace operator_words;
  const auto arguments = std::make_shared<Arguments>();
  addCommand(*addGroup(app, "pool", "spare devices and virtual IPs (operator): show"), "show", "how full it is",
             session, showPool, arguments);
  auto* breaker = addGroup(app, "breaker", "what holds back the failovers of a mass failure (operator): show, close");
  addCommand(*breaker, "show", "whether it is open, and why", session, showBreaker, arguments);
  addCommand(*breaker, "close", "let all go that wait, and what comes in the next minutes", session, closeBreaker,
             arguments);
  addCommand(*addGroup(app, "counter", "what was done so far (operator): list"), "list", "all counters", session,
             listCounters, arguments);
  addVips(app, session);
  addEvents(app, session);
  addLimits(app, session);
  addUsers(app, session);
}

}  // namespace libra::cli
