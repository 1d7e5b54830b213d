#include "controller/store/mysql/galera_error.h"

#include <gtest/gtest.h>

namespace libra::store::mysql {

using Kind = DbError::Kind;

// Numbers and texts as measured on MariaDB 10.11 with galera-4.
struct Answer {
  const char* name;
  unsigned number;
  const char* text;
  Kind in_statement;
  Kind at_commit;
};

class GaleraError : public ::testing::TestWithParam<Answer> {};

TEST_P(GaleraError, IsClassified) {
  const auto& answer = GetParam();
  EXPECT_EQ(classify(answer.number, answer.text, false), answer.in_statement);
  EXPECT_EQ(classify(answer.number, answer.text, true), answer.at_commit);
}

INSTANTIATE_TEST_SUITE_P(
    Answers, GaleraError,
    ::testing::Values(
        Answer{"Deadlock", 1213, "Deadlock found when trying to get lock", Kind::Conflict, Kind::Conflict},
        Answer{"LockWait", 1205, "Lock wait timeout exceeded", Kind::Conflict, Kind::CommitUnknown},
        Answer{"StatementDeadline", 1969, "max_statement_time exceeded", Kind::Conflict, Kind::CommitUnknown},
        Answer{"NotReady", 1047, "WSREP has not yet prepared node", Kind::NotPrimary, Kind::CommitUnknown},
        Answer{"QuorumLost", 1180, "Got error 107 during COMMIT: Not connected to Primary Component", Kind::NotPrimary,
               Kind::CommitUnknown},
        Answer{"CommitFailed", 1180, "Got error 28 'No space left on device' during COMMIT", Kind::Fatal, Kind::Fatal},
        Answer{"Refused", 2002, "Can't connect", Kind::NodeLost, Kind::CommitUnknown},
        Answer{"Gone", 2006, "Server has gone away", Kind::NodeLost, Kind::CommitUnknown},
        Answer{"Lost", 2013, "Lost connection during query", Kind::NodeLost, Kind::CommitUnknown},
        Answer{"Killed", 1317, "Query execution was interrupted", Kind::NodeLost, Kind::CommitUnknown},
        Answer{"ReadOnly", 1290, "running with the --read-only option", Kind::NodeLost, Kind::CommitUnknown},
        Answer{"WritesetTooLarge", 1105, "Maximum writeset size exceeded", Kind::Fatal, Kind::Fatal},
        Answer{"Duplicate", 1062, "Duplicate entry", Kind::Fatal, Kind::Fatal},
        Answer{"WrongCa", 2026, "TLS/SSL error: certificate verify failed", Kind::Fatal, Kind::Fatal},
        Answer{"AccessDenied", 1045, "Access denied", Kind::Fatal, Kind::Fatal}),
    [](const auto& suite) { return suite.param.name; });

}  // namespace libra::store::mysql
