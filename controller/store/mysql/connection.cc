#include "controller/store/mysql/connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <new>
#include <utility>

namespace libra::store::mysql {

namespace {

void set(MYSQL* handle, mysql_option option, const void* value) {
  if (mysql_options(handle, option, value) != 0)
    throw DbError{DbError::Kind::Fatal, 0, fmt::format("client library refuses option {}", static_cast<int>(option)),
                  "connect"};
}

// libmariadb checks the chain once a CA is set, the host name only when told to, and
// falls back to clear text unless TLS is enforced.
void demandTls(MYSQL* handle, const std::string& ca) {
  const Flag yes = 1;
  set(handle, MYSQL_OPT_SSL_CA, ca.c_str());
  set(handle, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &yes);
  set(handle, MYSQL_OPT_SSL_ENFORCE, &yes);
}

// One statement for all session settings. The comments are read by the server they name:
// each knows its deadline under another name. It strikes a second before the client
// gives the connection up, so that a slow statement costs a rollback and not a connection.
// Nor may a client that was cut off in a transaction hold its locks for longer.
std::string sessionSettings(const Options& options) {
  const auto deadline = std::max<long long>(1, options.statement_timeout.count() - 1);
  return fmt::format(
      "SET SESSION time_zone = '+00:00', autocommit = 1, innodb_lock_wait_timeout = {0}, "
      "sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'"
      "/*M!100100 , max_statement_time = {0}, idle_transaction_timeout = {0}*/ /*!80000 , max_execution_time = "
      "{0}000*/",
      deadline);
}

}  // namespace

Connection::Connection(const Server& server, const Options& options) {
  static const int library = mysql_library_init(0, nullptr, nullptr);  // mysql_init() would race for it
  if (library == 0) handle_.reset(mysql_init(nullptr));
  if (!handle_) throw std::bad_alloc();
  MYSQL* handle = handle_.get();
  const auto connect_seconds = static_cast<unsigned>(options.connect_timeout.count());
  const auto statement_seconds = static_cast<unsigned>(options.statement_timeout.count());
  const unsigned protocol = server.socket.empty() ? MYSQL_PROTOCOL_TCP : MYSQL_PROTOCOL_SOCKET;
  const unsigned no = 0;
  set(handle, MYSQL_OPT_CONNECT_TIMEOUT, &connect_seconds);
  set(handle, MYSQL_OPT_READ_TIMEOUT, &statement_seconds);
  set(handle, MYSQL_OPT_WRITE_TIMEOUT, &statement_seconds);
  set(handle, MYSQL_OPT_PROTOCOL, &protocol);
  set(handle, MYSQL_OPT_LOCAL_INFILE, &no);
  set(handle, MYSQL_SET_CHARSET_NAME, "utf8mb4");
  if (server.socket.empty() && !options.ca.empty()) demandTls(handle, options.ca);

  // Matched rows, not changed ones: a compare-and-set that changes nothing has still won.
  if (!mysql_real_connect(handle, server.host.c_str(), options.user.c_str(), options.password.c_str(),
                          options.schema.c_str(), server.port, server.socket.empty() ? nullptr : server.socket.c_str(),
                          CLIENT_FOUND_ROWS))
    fail("connect to " + server.str(), false);
  run(sessionSettings(options));
  // Fewer gap locks, hence fewer deadlocks; what decides a write is compared again by the write itself.
  run("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
  checkNode(options.causal_reads);
}

void Connection::run(const std::string& sql) {
  if (mysql_real_query(handle_.get(), sql.data(), sql.size()) != 0) fail(sql, false);
}

void Connection::read(std::string_view sql, const std::function<void(Row&)>& visit, std::span<Parameter> parameters) {
  Statement& statement = execute(sql, parameters);
  while (statement.fetch()) {
    Row row = statement.row();
    visit(row);
  }
  statement.freeResult();
}

Connection::Done Connection::write(std::string_view sql, std::span<Parameter> parameters) {
  begin();
  Statement& statement = execute(sql, parameters);
  wrote_ = wrote_ || statement.affected() > 0;
  return {statement.affected(), static_cast<std::int64_t>(statement.insertId())};
}

void Connection::insert(std::string_view sql, std::span<Parameter> parameters, const std::function<void(Row&)>& visit) {
  begin();
  wrote_ = true;
  read(sql, visit, parameters);
}

// Galera takes a transaction back when another node's write needs its locks. MariaDB 10.11
// tells so by an error, but not after a SELECT ... FOR UPDATE: there only the status says that
// no transaction is open any more, and each further statement would be committed by itself.
Statement& Connection::execute(std::string_view sql, std::span<Parameter> parameters) {
  Statement& statement = prepared(sql);
  statement.execute(parameters);
  unsigned status = 0;
  mariadb_get_info(handle_.get(), MARIADB_CONNECTION_SERVER_STATUS, &status);
  if (in_transaction_ && !(status & SERVER_STATUS_IN_TRANS))
    throw DbError{DbError::Kind::Conflict, 0, "the transaction was taken back", std::string(sql)};
  return statement;
}

void Connection::begin() {
  if (in_transaction_) return;
  run("BEGIN");
  in_transaction_ = true;
  wrote_ = false;
}

void Connection::commit() {
  if (!in_transaction_) return;
  constexpr std::string_view kCommit = "COMMIT";
  if (mysql_real_query(handle_.get(), kCommit.data(), kCommit.size()) != 0) fail(kCommit, true);
  in_transaction_ = wrote_ = false;
}

bool Connection::rollback() noexcept {
  wrote_ = false;
  return !std::exchange(in_transaction_, false) || mysql_rollback(handle_.get()) == 0;
}

void Connection::checkNode(bool causal) {
  std::map<std::string, std::string> status;
  each(
      "SHOW GLOBAL STATUS WHERE Variable_name IN "
      "('wsrep_provider_name', 'wsrep_ready', 'wsrep_cluster_status', 'wsrep_local_state')",
      [&](Row& row) {
        std::string name, value;
        row.read(name, value);
        status[name] = value;
      });
  const bool galera = !status["wsrep_provider_name"].empty();  // MariaDB has the others without a cluster, too
  if (!galera) return;
  if (status["wsrep_ready"] != "ON" || status["wsrep_cluster_status"] != "Primary")
    throw DbError{DbError::Kind::NotPrimary, 0, "not ready or not Primary: " + status["wsrep_cluster_status"],
                  "connect"};
  synced_ = status["wsrep_local_state"] == "4";
  catchUp();
  if (causal) run("SET SESSION wsrep_sync_wait = 1");
}

void Connection::catchUp() {
  run("SET SESSION wsrep_sync_wait = 1");
  run("BEGIN");  // waits
  run("ROLLBACK");
  run("SET SESSION wsrep_sync_wait = 0");
}

Statement& Connection::prepared(std::string_view sql) {
  const auto known = statements_.find(sql);
  if (known != statements_.end()) return known->second;
  return statements_.emplace(sql, Statement(handle_.get(), sql)).first->second;
}

void Connection::fail(std::string_view what, bool committing) const {
  const unsigned number = mysql_errno(handle_.get());
  const char* text = mysql_error(handle_.get());
  throw DbError{classify(number, text, committing), number, text, std::string(what)};
}

}  // namespace libra::store::mysql
