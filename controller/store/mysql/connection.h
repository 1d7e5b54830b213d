#pragma once

#include <mysql.h>

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/store/mysql/options.h"
#include "controller/store/mysql/server.h"
#include "controller/store/mysql/statement.h"

namespace libra::store::mysql {

// A session on one server: UTC, strict SQL mode, READ COMMITTED, statement deadlines;
// prepared statements are kept for its life. One thread. Every failure but rollback()'s
// is thrown as DbError.
//
// On Galera it refuses a node without quorum, and has seen all that was committed
// anywhere before it connected.
//
// A transaction begins by itself with the first statement that writes or locks, so that
// plain reads cost one round trip and hold nothing open.
class Connection {
 public:
  Connection(const Server& server, const Options& options);

  // Calls `visit` for each row. Outside a transaction each read sees what is committed now.
  template <typename... Args>
  void each(std::string_view sql, const std::function<void(Row&)>& visit, const Args&... args) {
    std::array<Parameter, sizeof...(Args)> parameters{Parameter(args)...};
    read(sql, visit, parameters);
  }
  template <typename T, typename... Args>
  std::vector<T> all(std::string_view sql, T (*from)(Row&), const Args&... args) {
    std::vector<T> found;
    each(
        sql, [&](Row& row) { found.push_back(from(row)); }, args...);
    return found;
  }
  template <typename T, typename... Args>
  std::optional<T> one(std::string_view sql, T (*from)(Row&), const Args&... args) {
    std::optional<T> found;
    each(
        sql, [&](Row& row) { found = from(row); }, args...);
    return found;
  }
  // For SELECT … FOR UPDATE: the lock lasts until the transaction ends.
  template <typename T, typename... Args>
  std::optional<T> lockOne(std::string_view sql, T (*from)(Row&), const Args&... args) {
    begin();
    return one(sql, from, args...);
  }

  struct Done {
    std::uint64_t rows;  // matched, changed or not
    std::int64_t id;     // AUTO_INCREMENT of the first new row
  };
  template <typename... Args>
  Done change(std::string_view sql, const Args&... args) {
    std::array<Parameter, sizeof...(Args)> parameters{Parameter(args)...};
    return write(sql, parameters);
  }
  Done write(std::string_view sql, std::span<Parameter> parameters);
  // For INSERT … RETURNING: calls `visit` for each new row, in their order.
  void insert(std::string_view sql, std::span<Parameter> parameters, const std::function<void(Row&)>& visit);

  // As text, unprepared: DDL and session settings.
  void run(const std::string& sql);

  void commit();                         // the only call that throws CommitUnknown
  bool rollback() noexcept;              // false: the connection is of no more use
  bool wrote() const { return wrote_; }  // in this transaction

  bool isSynced() const { return synced_; }  // false: a Galera donor, desynced or still joining

 private:
  void read(std::string_view sql, const std::function<void(Row&)>& visit, std::span<Parameter> parameters);
  void begin();
  void checkNode(bool causal);
  void catchUp();
  Statement& prepared(std::string_view sql);
  Statement& execute(std::string_view sql, std::span<Parameter> parameters);
  [[noreturn]] void fail(std::string_view what, bool committing) const;

  std::unique_ptr<MYSQL, FreeWith<mysql_close>> handle_;
  std::map<std::string, Statement, std::less<>> statements_;
  bool in_transaction_ = false;
  bool wrote_ = false;
  bool synced_ = true;
};

}  // namespace libra::store::mysql
