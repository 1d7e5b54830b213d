#include "cli/run.h"

#include <csignal>
#include <map>

#include "cli/commands.h"

namespace libra::cli {

namespace {

constexpr const char* kFooter =
    "Exit codes: 0 done, 1 failed, 2 usage, 3 not found, 4 conflict or immutable, 5 over limit,\n"
    "6 authentication, 7 --wait timed out, 130 interrupted.\n"
    "The names of the old client (list, node-list, monitor-update, ...) work too.\n"
    "Example: libra loadbalancer create --name web --node 10.0.0.1:80 --node 10.0.0.2:80 --wait";

void addGlobalOptions(CLI::App& app, Session& session) {
  app.add_option("--url,--os-bypass-url", session.api.url, "the API with its version")
      ->envname("LIBRA_URL")
      ->type_name("URL");
  app.add_option("--token,--os-token", session.api.token, "authentication token")
      ->envname("LIBRA_TOKEN")
      ->type_name("TOKEN")
      ->default_str("");
  app.add_option("--admin-url", session.admin_url, "the operator's API with its version")
      ->envname("LIBRA_ADMIN_URL")
      ->type_name("URL");
  app.add_option("--admin-token", session.admin_token, "token of an operator")
      ->envname("LIBRA_ADMIN_TOKEN")
      ->type_name("TOKEN")
      ->default_str("");
  app.add_option("--cacert,--os-cacert", session.api.ca_file, "CA certificates to trust (PEM)")
      ->envname("LIBRA_CACERT");
  app.add_option_function<double>(
         "--api-timeout",
         [&session](double s) { session.api.timeout = std::chrono::milliseconds(static_cast<long>(s * 1000)); },
         "seconds to wait for an answer (60)")
      ->check(CLI::Range(0.1, 3600.0));
  app.add_flag_callback(
      "--debug", [&session] { session.api.debug = &session.err; },
      "print requests and answers to stderr, the token masked");
  app.set_version_flag("--version", "libra 0.1.0");
}

void onInterrupt(int) { std::_Exit(kInterrupted); }

}  // namespace

ApiOptions Session::admin() const {
  ApiOptions options = api;
  options.url = admin_url;
  options.token = admin_token;
  options.url_help = "give --admin-url or set LIBRA_ADMIN_URL, e.g. https://lb.example:8889/v2.0";
  options.token_help = "give --admin-token or set LIBRA_ADMIN_TOKEN";
  return options;
}

CLI::App* addGroup(CLI::App& app, const char* word, const char* help) {
  auto* group = app.add_subcommand(word, help);
  group->require_subcommand(1);
  return group;
}

void addOutputOptions(CLI::App& command, Session& session) {
  static const std::map<std::string, Format> kFormats{
      {"table", Format::Table}, {"json", Format::Json}, {"value", Format::Value}};
  command.add_option("-f,--format", session.format, "table, json (stable keys) or value (bare)")
      ->transform(CLI::CheckedTransformer(kFormats, CLI::ignore_case).description(""))
      ->type_name("FORMAT");
  command.add_option("-c,--column", session.columns, "only this column (repeatable)")
      ->type_name("NAME")
      ->expected(1)
      ->take_all();
}

void addWaitOptions(CLI::App& command, Session& session) {
  command.add_flag("--wait", session.wait, "until the change is in force");
  command.add_option("--timeout", session.wait_timeout, "seconds --wait lasts at most")
      ->check(CLI::Range(0.1, 86400.0))
      ->capture_default_str();
}

int run(int argc, char** argv, std::ostream& out, std::ostream& err) {
  std::signal(SIGINT, onInterrupt);
  Session session(out, err);
  CLI::App app{"Load balancers of a Libra cloud"};
  app.name("libra");
  app.footer(kFooter);
  app.require_subcommand(1);
  app.fallthrough();
  addGlobalOptions(app, session);
  addLoadBalancerCommands(app, session);
  addNodeCommands(app, session);
  addMonitorCommands(app, session);
  addInformationCommands(app, session);
  addDeviceCommands(app, session);
  addOperatorCommands(app, session);
  try {
    app.parse(argc, argv);
    return kDone;
  } catch (const CLI::ParseError& e) {
    return app.exit(e, out, err) == 0 ? kDone : kUsage;
  } catch (const Failure& e) {
    err << "ERROR: " << e.what() << "\n";
    return e.code;
  }
}

}  // namespace libra::cli
