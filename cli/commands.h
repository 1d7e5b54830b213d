#pragma once

#include <CLI/CLI.hpp>
#include <chrono>
#include <ostream>
#include <string>

#include "cli/api.h"
#include "cli/output.h"

namespace libra::cli {

// What the global options say, filled by the parser before a command runs.
struct Session {
  explicit Session(std::ostream& out_stream, std::ostream& err_stream) : out(out_stream), err(err_stream) {}

  std::ostream& out;
  std::ostream& err;
  ApiOptions api;
  std::string admin_url, admin_token;
  Format format = Format::Table;
  std::vector<std::string> columns;
  bool wait = false;
  double wait_timeout = 120;  // seconds

  Output output() const { return {out, format, columns}; }
  ApiOptions admin() const;  // how to reach the operator's API
};

// Each adds its commands below `app`; `aliases` are added with the ancestor's names at the
// top level. A command's work runs in its CLI11 callback and throws Failure.
void addLoadBalancerCommands(CLI::App& app, Session& session);
void addNodeCommands(CLI::App& app, Session& session);
void addMonitorCommands(CLI::App& app, Session& session);
void addInformationCommands(CLI::App& app, Session& session);
void addDeviceCommands(CLI::App& app, Session& session);
void addOperatorCommands(CLI::App& app, Session& session);  // pool, breaker, counter, event,
                                                            // admin-limit, admin-user, vip

// "loadbalancer" and the like: a word that needs another one.
CLI::App* addGroup(CLI::App& app, const char* word, const char* help);

// Options every command takes (-f, -c), and those of commands that change something (--wait).
void addOutputOptions(CLI::App& command, Session& session);
void addWaitOptions(CLI::App& command, Session& session);

// With --wait: until the load balancer is ACTIVE or DEGRADED (ERROR is a failure), or is
// gone. Prints the states it passes through to stderr of a terminal. Failure 7 on time-out.
void waitUntilSettled(Session& session, Api& api, const std::string& lb);
void waitUntilGone(Session& session, Api& api, const std::string& lb);

// "ip:port[:weight=N][:backup=TRUE|FALSE][:condition=ENABLED|DISABLED]", "[v6]:port…";
// Failure 2 for anything else.
json::Value parseNode(const std::string& text);

}  // namespace libra::cli
