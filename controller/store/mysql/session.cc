#include "controller/store/mysql/session.h"

#include "lib/base/backoff.h"
#include "lib/base/ids.h"
#include "lib/log/log.h"

namespace libra::store::mysql {

namespace {

constexpr log::Logger kLog{"store"};

Instant now() { return std::chrono::steady_clock::now(); }

bool losesConnection(DbError::Kind kind) {
  return kind == DbError::Kind::NodeLost || kind == DbError::Kind::NotPrimary || kind == DbError::Kind::CommitUnknown;
}

std::uint64_t readNumber(Row& row) {
  std::uint64_t number;
  row.read(number);
  return number;
}

}  // namespace

Session::Session(std::shared_ptr<Cluster> cluster) : cluster_(std::move(cluster)), key_(randomHex(16)) {}

template <typename Work>
auto Session::inTransaction(Work work) {
  try {
    auto result = work(connected());
    endTransaction(false);
    return result;
  } catch (const DbError& e) {
    endTransaction(losesConnection(e.kind));
    throw;
  } catch (...) {
    endTransaction(true);
    throw;
  }
}

// Rolls back what was not committed. A connection that cannot even do that may still hold
// a transaction open, which the next BEGIN would commit: it goes.
void Session::endTransaction(bool lost) noexcept {
  if (connection_ && (lost || !connection_->rollback())) connection_.reset();
}

Status Session::attempt(const std::function<Status(Connection&)>& work) {
  return inTransaction([&](Connection& db) {
    Status done = work(db);
    if (!done || !db.wrote()) return done;
    in_doubt_ = ++number_;
    writeNumber(db, in_doubt_);
    const auto begun = now();
    db.commit();
    if (cluster_->committed) cluster_->committed(now() - begun);
    return done;
  });
}

// The lock waits for a server that is still at work on the lost COMMIT. Writing the row
// shuts out one that is still on its way, on another Galera node, too: both write the same
// row, and the second to arrive is refused.
bool Session::landed() {
  return inTransaction([&](Connection& db) {
    const auto found = db.lockOne("SELECT number FROM commits WHERE session = ? FOR UPDATE", readNumber, key_);
    if (found == in_doubt_) return true;
    writeNumber(db, ++number_);
    db.commit();
    return false;
  });
}

void Session::writeNumber(Connection& db, std::uint64_t number) {
  const auto known =
      db.change("UPDATE commits SET number = ?, written = UTC_TIMESTAMP(6) WHERE session = ?", number, key_);
  if (known.rows == 0)  // the session's first, and cheaper than asking for both at once each time
    db.change("INSERT INTO commits (session, number, written) VALUES (?, ?, UTC_TIMESTAMP(6))", key_, number);
}

Connection& Session::connected() {
  if (!connection_) {
    adopt(bestOf(cluster_->servers.order(now())));
    if (!connection_) throw refusal_;
  } else if (server_ > 0 && now() >= failback_at_) {
    failBackIfDue();
  }
  return *connection_;
}

// Each session has its own moment, so that they do not all come at once to a server that
// has just come back.
void Session::failBackIfDue() {
  Reached better = bestOf(cluster_->servers.better(server_, now()));
  if (better.connection && better.connection->isSynced())
    adopt(std::move(better));
  else
    adopt({server_, std::move(connection_)});
}

void Session::adopt(Reached reached) {
  connection_ = std::move(reached.connection);
  server_ = reached.server;
  const Millis wait = cluster_->options.failback;
  failback_at_ = now() + wait + Backoff{wait, wait}.delay(0);
}

// The first that is in step, else the first that is merely lagging.
Session::Reached Session::bestOf(const std::vector<std::size_t>& servers) {
  Reached best;
  for (const std::size_t server : servers) {
    auto connection = reach(server);
    if (!connection) continue;
    const bool synced = connection->isSynced();
    if (synced || !best.connection) best = {server, std::move(connection)};
    if (synced) break;
  }
  return best;
}

std::unique_ptr<Connection> Session::reach(std::size_t server) {
  auto& servers = cluster_->servers;
  try {
    auto connection = std::make_unique<Connection>(servers[server], cluster_->options);
    servers.worked(server);
    return connection;
  } catch (const DbError& e) {
    if (servers.failed(server, now())) kLog.warn("database server left alone for now: {}", describe(e));
    refusal_ = e;
    return nullptr;
  }
}

}  // namespace libra::store::mysql
