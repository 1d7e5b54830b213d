#include "controller/store/mysql/galera_error.h"

#include <errmsg.h>
#include <fmt/format.h>
#include <mysqld_error.h>

namespace libra::store::mysql {

namespace {

using Kind = DbError::Kind;

// The two servers number their statement deadlines differently and name only their own.
constexpr unsigned kMariadbStatementTimeout = 1969;
constexpr unsigned kMysqlStatementTimeout = 3024;
constexpr unsigned kMariadbConnectionKilled = 1927;

bool saysNotPrimary(std::string_view text) {
  return text.find("not connected to Primary") != text.npos || text.find("Not connected to Primary") != text.npos;
}

Kind classifyStatement(unsigned number, std::string_view text) {
  switch (number) {
    case ER_LOCK_DEADLOCK:  // also Galera's certification failure
    case ER_LOCK_WAIT_TIMEOUT:
    case ER_CHECKREAD:
    case kMariadbStatementTimeout:
    case kMysqlStatementTimeout:
      return Kind::Conflict;
    case ER_UNKNOWN_COM_ERROR:  // "WSREP has not yet prepared node for application use"
      return Kind::NotPrimary;
    case ER_ERROR_DURING_COMMIT:  // generic: only its text tells
      return saysNotPrimary(text) ? Kind::NotPrimary : Kind::Fatal;
    case CR_CONNECTION_ERROR:
    case CR_CONN_HOST_ERROR:
    case CR_UNKNOWN_HOST:
    case CR_SERVER_GONE_ERROR:
    case CR_SERVER_HANDSHAKE_ERR:
    case CR_SERVER_LOST:
    case CR_SERVER_LOST_EXTENDED:
    case ER_CON_COUNT_ERROR:
    case ER_SERVER_SHUTDOWN:
    case ER_NORMAL_SHUTDOWN:
    case ER_TOO_MANY_USER_CONNECTIONS:
    case ER_OPTION_PREVENTS_STATEMENT:  // --read-only: not the writer any more
    case ER_QUERY_INTERRUPTED:
    case kMariadbConnectionKilled:
    case ER_NET_READ_ERROR:
    case ER_NET_READ_INTERRUPTED:
    case ER_NET_ERROR_ON_WRITE:
    case ER_NET_WRITE_INTERRUPTED:
      return Kind::NodeLost;
    default:
      return Kind::Fatal;
  }
}

}  // namespace

Kind classify(unsigned number, std::string_view text, bool committing) {
  const Kind kind = classifyStatement(number, text);
  // A COMMIT cut short may still take effect, whoever cut it; only a refused one did not.
  const bool refused = kind == Kind::Fatal || number == ER_LOCK_DEADLOCK;
  return committing && !refused ? Kind::CommitUnknown : kind;
}

std::string describe(const DbError& error) {
  return fmt::format("{}: error {}: {}", error.statement, error.number, error.text);
}

}  // namespace libra::store::mysql
