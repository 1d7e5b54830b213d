#pragma once

// Verbs for tests of the store on real servers.

#include <memory>
#include <string>

#include "controller/service/store.h"
#include "controller/store/mysql/connection.h"
#include "controller/store/mysql/mysql_store.h"
#include "tests/support/mariadb_process.h"

namespace libra::test {

std::shared_ptr<service::Store> openStore(const store::mysql::Options& options);

// To the first server of the options.
store::mysql::Connection connectTo(const store::mysql::Options& options);

// Brings the schema up to date; throws when that fails.
void migrated(const store::mysql::Options& options);

// One server for all tests of this process, and a schema of one's own on it, up to date.
MariadbProcess& mariadb();
store::mysql::Options newSchema();

// Leaves the seeds only; making a schema anew takes a second.
void emptySchema(const store::mysql::Options& options);

std::int64_t numberOf(store::mysql::Connection& db, const std::string& sql);

// What POST /loadbalancers does to the rows: a load balancer of tenant "a" with two nodes.
Result<std::int64_t> createLoadBalancer(service::Store& store, const std::string& name = "web", int limit = 20);

// Spares d0 … d(n-1); throws when that fails.
void addSpares(service::Store& store, int n);

}  // namespace libra::test
