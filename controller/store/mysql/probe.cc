#include "controller/store/mysql/probe.h"

#include "controller/store/mysql/connection.h"

namespace libra::store::mysql {

namespace {

bool answers(const std::string& text, const Options& options) {
  const auto server = Server::parse(text);
  if (!server) return false;
  try {
    const Connection asks(*server, options);
    return true;
  } catch (const DbError&) {
    return false;
  }
}

}  // namespace

std::vector<ServerState> probe(const Options& options) {
  std::vector<ServerState> states;
  for (const auto& server : options.servers) states.push_back({server, answers(server, options)});
  return states;
}

}  // namespace libra::store::mysql
