// Two controllers may migrate at once, and one may die between two statements. Neither
// harms, since every statement of a step may be run again: DDL that finds its work done is
// counted as done, seeds are INSERT IGNORE. The named lock only spares them the double work;
// it holds on one server and would not do on Galera.

#include "controller/store/mysql/migrate.h"

#include <fmt/format.h>
#include <mysqld_error.h>

#include <algorithm>

#include "controller/store/mysql/mysql_store.h"
#include "controller/store/mysql/session.h"
#include "lib/log/log.h"

namespace libra::store::mysql {

namespace {

constexpr log::Logger kLog{"store"};
constexpr std::chrono::seconds kLongestStatement{3600};  // an ALTER of a large table takes its time

bool isAlreadyDone(unsigned number) {
  constexpr unsigned kDone[] = {ER_TABLE_EXISTS_ERROR, ER_DUP_FIELDNAME, ER_DUP_KEYNAME, ER_CANT_DROP_FIELD_OR_KEY};
  return std::find(std::begin(kDone), std::end(kDone), number) != std::end(kDone);
}

void runRepeatable(Connection& db, const std::string& sql) {
  try {
    db.run(sql);
  } catch (const DbError& e) {
    if (!isAlreadyDone(e.number)) throw;
  }
}

int numberFrom(Row& row) {
  int number;
  row.read(number);
  return number;
}

int version(Connection& db) { return *db.one("SELECT COALESCE(MAX(version), 0) FROM schema_versions", numberFrom); }

void lock(Connection& db) { db.one("SELECT GET_LOCK(CONCAT(DATABASE(), '.migrate'), 60)", numberFrom); }

void apply(Connection& db, const SchemaStep& step) {
  for (const auto& statement : splitStatements(step.sql)) runRepeatable(db, statement);
  db.run(fmt::format("INSERT IGNORE INTO schema_versions (version, name, applied) VALUES ({}, '{}', UTC_TIMESTAMP(6))",
                     step.version, step.name));
  kLog.info("database schema is now version {} ({})", step.version, step.name);
}

// Rows of sessions that ended long ago; each process leaves a few behind.
void forgetOldSessions(Connection& db) {
  db.run("DELETE FROM commits WHERE written < UTC_TIMESTAMP(6) - INTERVAL 7 DAY");
}

}  // namespace

std::vector<std::string> splitStatements(std::string_view sql) {
  std::vector<std::string> statements;
  std::string statement;
  while (!sql.empty()) {
    const auto end = std::min(sql.find('\n'), sql.size());
    const auto line = sql.substr(0, end);
    sql.remove_prefix(std::min(end + 1, sql.size()));
    if (line.empty() || line.starts_with("--")) continue;
    (statement += line) += '\n';
    if (line.ends_with(';')) statements.push_back(std::exchange(statement, {}));
  }
  return statements;
}

Status migrate(Connection& db, std::span<const SchemaStep> steps) {
  db.run(
      "CREATE TABLE IF NOT EXISTS schema_versions (version INT NOT NULL PRIMARY KEY, name VARCHAR(128) NOT NULL, "
      "applied DATETIME(6) NOT NULL) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin");
  // "updated" columns have the zero date as their default, unsaid: no table with one could be altered.
  db.run("SET SESSION sql_mode = REPLACE(@@SESSION.sql_mode, 'NO_ZERO_DATE,', '')");
  const int newest = steps.empty() ? 0 : steps.back().version;
  if (version(db) < newest) lock(db);
  const int present = version(db);
  if (present > newest)
    return Error{
        ErrorCode::Invalid,
        fmt::format("the database's schema is version {}, this binary knows {}: install a newer one", present, newest)};
  for (const auto& step : steps)
    if (step.version > present) apply(db, step);
  return ok();
}

Status migrate(const Options& options) {
  Options patient = options;
  patient.statement_timeout = kLongestStatement;
  auto cluster = Cluster::make(patient);
  if (!cluster) return cluster.error();
  try {
    Session session(*cluster);
    Connection& db = session.connected();
    Status done = migrate(db, schemaSteps());
    if (done) forgetOldSessions(db);
    return done;
  } catch (const DbError& e) {
    return Error{ErrorCode::Unavailable, "cannot bring the database's schema up to date: " + describe(e)};
  }
}

}  // namespace libra::store::mysql
