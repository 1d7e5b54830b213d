#pragma once

#include <memory>

#include "controller/service/store.h"
#include "controller/store/mysql/options.h"

namespace libra::store::mysql {

// The store port on MariaDB, MySQL or Galera. Connects on first use; each calling
// thread has a connection of its own until it ends. transact() reruns the whole body on
// conflicts and on the next server when one is lost, and answers Unavailable when
// Options::patience has passed. A commit of unknown outcome is looked up, not repeated.
// Fails on settings that cannot be meant (no server, bad address).
Result<std::unique_ptr<service::Store>> makeStore(Options options, Committed committed = {});

// Brings the schema up to this binary's (see migrate.cc). Call before the store is used;
// several controllers may do so at once. An error when the database is newer than the
// binary or no server can be reached.
Status migrate(const Options& options);

}  // namespace libra::store::mysql
