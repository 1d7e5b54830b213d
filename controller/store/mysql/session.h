#pragma once

#include <functional>
#include <memory>
#include <string>

#include "controller/store/mysql/cluster.h"
#include "controller/store/mysql/connection.h"

namespace libra::store::mysql {

// One thread's way to the database: a connection to the best server it can reach, and
// a row of its own in `commits` that every writing transaction numbers anew, so that after
// a lost answer to COMMIT the row tells whether it landed. Throws DbError.
class Session {
 public:
  explicit Session(std::shared_ptr<Cluster> cluster);

  // Runs `work` in a transaction and commits it unless it returns an Error.
  Status attempt(const std::function<Status(Connection&)>& work);

  // After CommitUnknown, before anything is run again: did it land? If not, it never will
  // any more. To be repeated until it answers without throwing.
  bool landed();

  Connection& connected();

 private:
  template <typename Work>
  auto inTransaction(Work work);
  void endTransaction(bool lost) noexcept;
  void writeNumber(Connection& db, std::uint64_t number);

  struct Reached {
    std::size_t server = 0;
    std::unique_ptr<Connection> connection;
  };
  Reached bestOf(const std::vector<std::size_t>& servers);
  std::unique_ptr<Connection> reach(std::size_t server);
  void adopt(Reached reached);
  void failBackIfDue();

  const std::shared_ptr<Cluster> cluster_;
  std::unique_ptr<Connection> connection_;
  std::size_t server_ = 0;
  Instant failback_at_{};
  DbError refusal_{DbError::Kind::NodeLost, 0, "", "connect"};  // the latest server's

  const std::string key_;
  std::uint64_t number_ = 0;    // the latest given out; each is used once
  std::uint64_t in_doubt_ = 0;  // of the commit whose answer may be missing
};

}  // namespace libra::store::mysql
