#include "tests/support/mysql_world.h"

#include <stdexcept>

namespace libra::test {

using service::Store;
using service::Txn;
using store::mysql::Connection;
using store::mysql::Options;

namespace {

const Time kNow{std::chrono::seconds(1'800'000'000)};

}  // namespace

std::shared_ptr<Store> openStore(const Options& options) { return std::move(*store::mysql::makeStore(options)); }

Connection connectTo(const Options& options) {
  return Connection(*store::mysql::Server::parse(options.servers.front()), options);
}

void migrated(const Options& options) {
  const auto done = store::mysql::migrate(options);
  if (!done) throw std::runtime_error(done.error().message);
}

MariadbProcess& mariadb() {
  static MariadbProcess process;
  return process;
}

Options newSchema() {
  const Options options = mariadb().options(mariadb().makeSchema());
  migrated(options);
  return options;
}

void emptySchema(const Options& options) {
  Connection db = connectTo(options);
  db.run("SET SESSION FOREIGN_KEY_CHECKS = 0");
  for (const char* table :
       {"commits", "tenants", "devices", "vips", "load_balancers", "nodes", "monitors", "events", "audit",
        "admin_users", "counters", "request_keys", "leases", "votes", "marks", "usage_samples"})
    db.run(std::string("DELETE FROM ") + table);
  db.run("UPDATE global_limits SET value = 20 WHERE name = 'maxLoadBalancers'");
}

std::int64_t numberOf(Connection& db, const std::string& sql) {
  return *db.one(
      sql, +[](store::mysql::Row& row) {
        std::int64_t number;
        row.read(number);
        return number;
      });
}

Result<std::int64_t> createLoadBalancer(Store& store, const std::string& name, int limit) {
  return store.transact([&](Txn& txn) -> Result<std::int64_t> {
    if (!txn.tenants().reserveLoadBalancer("a", limit)) return Error{ErrorCode::OverLimit, "limit"};
    const auto spare = txn.devices().claimSpare({});
    if (!spare) return Error{ErrorCode::Unavailable, "no spare"};
    model::NewLoadBalancer wanted;
    wanted.tenant = "a";
    wanted.name = name;
    wanted.nodes.resize(2);
    return txn.loadBalancers().insert(wanted, spare->id, spare->generation, kNow, kNow).id;
  });
}

void addSpares(Store& store, int n) {
  const auto done = store.transact([&](Txn& txn) -> Result<int> {
    for (int i = 0; i < n; ++i) {
      model::NewDevice device;
      device.name = "d" + std::to_string(i);
      txn.devices().insert(device, kNow);
    }
    return n;
  });
  if (!done) throw std::runtime_error(done.error().detail);
}

}  // namespace libra::test
