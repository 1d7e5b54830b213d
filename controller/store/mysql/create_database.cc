#include "controller/store/mysql/create_database.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "controller/store/mysql/connection.h"

namespace libra::store::mysql {

namespace {

// It is put into statements that take no parameters.
bool isPlain(const std::string& word) {
  return !word.empty() && word.size() <= 64 &&
         std::all_of(word.begin(), word.end(), [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
}

void create(Connection& db, const Options& wanted, const char* from) {
  const std::string user = fmt::format("'{}'@'{}'", wanted.user, from);
  db.run(fmt::format("CREATE DATABASE IF NOT EXISTS {} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", wanted.schema));
  db.run(fmt::format("CREATE USER IF NOT EXISTS {} IDENTIFIED BY '{}'", user, wanted.password));
  db.run(fmt::format("ALTER USER {} IDENTIFIED BY '{}'", user, wanted.password));
  db.run(fmt::format("GRANT ALL PRIVILEGES ON {}.* TO {}", wanted.schema, user));
}

// Made before, on a cluster or by who runs the database: then nobody's privileges are needed.
bool opens(const Server& server, const Options& wanted) {
  try {
    Connection db(server, wanted);
    return true;
  } catch (const DbError&) {
    return false;
  }
}

}  // namespace

Status createDatabase(const Options& admin, const Options& wanted) {
  for (const auto* word : {&wanted.schema, &wanted.user, &wanted.password})
    if (!isPlain(*word))
      return Error{ErrorCode::Invalid, "schema, user and password may only hold letters, digits and '_'"};
  const auto server = Server::parse(admin.servers.front());
  if (!server) return server.error();
  if (opens(*server, wanted)) return ok();
  try {
    Connection db(*server, admin);
    create(db, wanted, server->socket.empty() ? "%" : "localhost");
  } catch (const DbError& error) {
    return Error{ErrorCode::Unavailable,
                 server->str() + ": " + error.text};  // not the statement: it holds the password
  }
  return ok();
}

}  // namespace libra::store::mysql
