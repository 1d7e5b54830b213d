#include <memory>

#include "cli/commands.h"

namespace libra::cli {

namespace monitor_words {
namespace {

const std::vector<Column> kColumns{{"type", "Type"},
                                   {"delay", "Delay"},
                                   {"timeout", "Timeout"},
                                   {"attemptsBeforeDeactivation", "Attempts Before Deactivation"},
                                   {"path", "Path"}};

struct Arguments {
  std::string lb, type, path;
  int delay = 0, timeout = 0, attempts = 0;

  std::string resource() const { return "/loadbalancers/" + lb + "/healthmonitor"; }
};

void set(Session& session, const Arguments& arguments) {
  auto body = json::Value::object()
                  .set("type", arguments.type)
                  .set("delay", arguments.delay)
                  .set("timeout", arguments.timeout)
                  .set("attemptsBeforeDeactivation", arguments.attempts);
  if (!arguments.path.empty()) body.set("path", arguments.path);
  Api api(session.api);
  const auto answer = api.put(arguments.resource(), body);
  waitUntilSettled(session, api, arguments.lb);
  printRecord(session.output(), answer, kColumns);
}

CLI::App* command(CLI::App& parent, const std::string& word, const char* help, Arguments& arguments) {
  auto* made = parent.add_subcommand(word, help);
  made->add_option("loadbalancer", arguments.lb, "load balancer")->required();
  return made;
}

CLI::App* addShow(CLI::App& parent, const std::string& word, Session& session) {
  auto arguments = std::make_shared<Arguments>();
  auto* show = command(parent, word, "how nodes are checked", *arguments);
  addOutputOptions(*show, session);
  show->callback(
      [&session, arguments] { printRecord(session.output(), Api(session.api).get(arguments->resource()), kColumns); });
  return show;
}

CLI::App* addSet(CLI::App& parent, const std::string& word, Session& session) {
  auto arguments = std::make_shared<Arguments>();
  auto* made = command(parent, word, "choose how nodes are checked", *arguments);
  made->add_option("--type", arguments->type, "CONNECT or HTTP")->required();
  made->add_option("--delay", arguments->delay, "seconds between checks")->required();
  made->add_option("--timeout", arguments->timeout, "seconds a check may take")->required();
  made->add_option("--attempts", arguments->attempts, "failed checks before a node is out")->required();
  made->add_option("--path", arguments->path, "what HTTP checks ask for");
  addOutputOptions(*made, session);
  made->add_flag("--wait", session.wait, "until the change is in force");
  made->callback([&session, arguments] { set(session, *arguments); });
  return made;
}

CLI::App* addDelete(CLI::App& parent, const std::string& word, Session& session) {
  auto arguments = std::make_shared<Arguments>();
  auto* made = command(parent, word, "back to the default (CONNECT, 30 s, 30 s, 2 attempts)", *arguments);
  addWaitOptions(*made, session);
  made->callback([&session, arguments] {
    Api api(session.api);
    api.remove(arguments->resource());
    waitUntilSettled(session, api, arguments->lb);
  });
  return made;
}

}  // namespace
}  // namespace monitor_words

void addMonitorCommands(CLI::App& app, Session& session) {
  using namespace monitor_words;
  auto* group = app.add_subcommand("monitor", "a load balancer's health monitor: show, set, delete");
  group->require_subcommand(1);
  addShow(*group, "show", session);
  addSet(*group, "set", session);
  addDelete(*group, "delete", session);
  for (const char* word : {"monitor-show", "monitor-list"}) addShow(app, word, session)->group("");
  addSet(app, "monitor-update", session)->group("");
  addDelete(app, "monitor-delete", session)->group("");
}

}  // namespace libra::cli
