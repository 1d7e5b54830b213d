#include <memory>

#include "cli/commands.h"
#include "lib/http/message.h"

namespace libra::cli {

namespace device_words {
namespace {

const std::vector<Column> kListColumns{
    {"id", "ID"},    {"name", "Name"}, {"status", "Status"}, {"ip", "IP"},
    {"vip", "VIPs"}, {"zone", "Zone"}, {"type", "Type"},     {"maintenance", "Maintenance"}};
const std::vector<Column> kShowColumns{{"id", "ID"},
                                       {"name", "Name"},
                                       {"status", "Status"},
                                       {"maintenance", "Maintenance"},
                                       {"ip", "IP"},
                                       {"vip", "VIPs"},
                                       {"loadBalancers", "Load Balancers"},
                                       {"zone", "Zone"},
                                       {"hostGroup", "Host group"},
                                       {"type", "Type"},
                                       {"created", "Created"},
                                       {"updated", "Updated"}};
const std::vector<Column> kDiscovered{{"id", "ID"}, {"version", "Version"}, {"release", "Release"}};
const std::vector<Column> kRebuilt{{"oldId", "Old ID"}, {"newId", "New ID"}};

struct Arguments {
  std::string id, status, name, ip, vip, maintenance;
};

std::string pathOf(const Arguments& arguments, const char* below = "") {
  return "/devices/" + http::percentEncode(arguments.id) + below;
}

void list(Session& session, const Arguments& arguments) {
  std::string query;
  for (const auto& [name, value] :
       {std::pair{"status", arguments.status}, {"name", arguments.name}, {"ip", arguments.ip}, {"vip", arguments.vip}})
    if (!value.empty()) query += (query.empty() ? "?" : "&") + std::string(name) + "=" + http::percentEncode(value);
  printList(session.output(), Api(session.admin()).get("/devices" + query)["devices"], kListColumns);
}

void show(Session& session, const Arguments& arguments) {
  printRecord(session.output(), Api(session.admin()).get(pathOf(arguments)), kShowColumns);
}

void discover(Session& session, const Arguments& arguments) {
  printRecord(session.output(), Api(session.admin()).get(pathOf(arguments, "/discover")), kDiscovered);
}

void set(Session& session, const Arguments& arguments) {
  const auto body = json::Value::object().set("maintenance", arguments.maintenance == "on");
  Api(session.admin()).put(pathOf(arguments), body);
}

// Prints which device took over, if there was anything to take over.
void remove(Session& session, const Arguments& arguments) {
  const auto rebuilt = Api(session.admin()).remove(pathOf(arguments));
  if (rebuilt) printRecord(session.output(), rebuilt, kRebuilt);
}

void drain(Session& session, const Arguments& arguments) {
  printRecord(session.output(), Api(session.admin()).post(pathOf(arguments, "/drain"), json::Value::object()),
              kRebuilt);
}

void failOver(Session& session, const Arguments& arguments) {
  printRecord(session.output(), Api(session.admin()).post(pathOf(arguments, "/failover"), json::Value::object()),
              kRebuilt);
}

// A command about one device.
CLI::App* addOfOne(CLI::App& parent, const char* word, const char* help, Session& session,
                   void (*work)(Session&, const Arguments&), const std::shared_ptr<Arguments>& arguments) {
  auto* command = parent.add_subcommand(word, help);
  command->add_option("id", arguments->id, "device")->required();
  addOutputOptions(*command, session);
  command->callback([&session, arguments, work] { work(session, *arguments); });
  return command;
}

void addList(CLI::App& parent, Session& session, const std::shared_ptr<Arguments>& arguments) {
  auto* command = parent.add_subcommand("list", "all devices, or those that fit");
  command->add_option("--status", arguments->status, "OFFLINE (a spare), ONLINE or ERROR");
  command->add_option("--name", arguments->name, "its name");
  command->add_option("--ip", arguments->ip, "its management address");
  command->add_option("--vip", arguments->vip, "a virtual IP it holds");
  addOutputOptions(*command, session);
  command->callback([&session, arguments] { list(session, *arguments); });
}

}  // namespace
}  // namespace device_words

void addDeviceCommands(CLI::App& app, Session& session) {
  using namespace device_words;
  auto* group = addGroup(app, "device", "devices (operator): list, show, discover, set, drain, failover, delete");
  const auto arguments = std::make_shared<Arguments>();
  addList(*group, session, arguments);
  addOfOne(*group, "show", "one device and what it carries", session, show, arguments);
  addOfOne(*group, "discover", "ask a device for its version", session, discover, arguments);
  addOfOne(*group, "set", "put a device into maintenance, or take it out", session, set, arguments)
      ->add_option("--maintenance", arguments->maintenance, "on: it is not given out as a spare")
      ->required()
      ->check(CLI::IsMember({"on", "off"}));
  addOfOne(*group, "drain", "move what it carries to a spare, which serves before this one ends", session, drain,
           arguments);
  addOfOne(*group, "failover", "move what it carries to a spare now, and cut it off", session, failOver, arguments);
  addOfOne(*group, "delete", "take a device out of service; what it carries moves to a spare", session, remove,
           arguments);
}

}  // namespace libra::cli
