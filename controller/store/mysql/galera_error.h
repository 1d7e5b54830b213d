#pragma once

#include <string>
#include <string_view>

namespace libra::store::mysql {

// What the database did to us. Thrown inside store/mysql and transact() bodies, where
// unwinding is the rollback wanted; caught where transactions are rerun, nowhere else.
struct DbError {
  enum class Kind {
    Conflict,       // rolled back by deadlock, certification or a lock wait: run again
    NodeLost,       // nothing was committed; run again, on another server if need be
    NotPrimary,     // likewise: the node has no quorum or is not ready
    CommitUnknown,  // the answer to COMMIT was lost: look whether it landed
    Fatal           // running it again would not help
  };

  Kind kind;
  unsigned number;        // the server's or client library's
  std::string text;       // for the log
  std::string statement;  // what was being done
};

// `committing`: it was the answer to COMMIT.
DbError::Kind classify(unsigned number, std::string_view text, bool committing);

std::string describe(const DbError& error);

}  // namespace libra::store::mysql
