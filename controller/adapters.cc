#include "controller/adapters.h"

#include <utility>

#include "controller/service/admin_users.h"
#include "controller/store/mysql/mysql_store.h"
#include "controller/vip_ranges.h"
#include "lib/daemon/listen_fds.h"

namespace libra {

namespace {

template <typename T, typename U>
Status into(T& place, Result<U> opened) {
  if (!opened) return opened.error();
  place = *std::move(opened);
  return ok();
}

// What is not handed over we open ourselves.
Status openListeners(const Settings& settings, Adapters& all) {
  const auto handed_over = daemon::takeListenFds();
  if (handed_over.size() > 2) return Error{ErrorCode::Invalid, "the service manager hands over more than two sockets"};
  const auto open = [&](std::size_t index, const std::string& address) {
    return index < handed_over.size() ? Result<Fd>(Fd(handed_over[index])) : http::listenTcp(address);
  };
  const auto status = into(all.listener, open(0, settings.api.listen));
  return status ? into(all.admin_listener, open(1, settings.admin.listen)) : status;
}

Status openWatch(const Settings& settings, const Clock& clock, Adapters& all) {
  if (!settings.watch.options) return ok();
  auto context = tls::ReloadingContext::open(settings.watch.tls, tls::ReloadingContext::Role::MutualServer);
  if (!context) return context.error();
  return into(all.watch, watch::Watch::open(*settings.watch.options, clock, *std::move(context)));
}

}  // namespace

Result<Adapters> openAdapters(const Settings& settings, const Clock& clock) {
  Adapters all;
  using Tls = tls::ReloadingContext;
  Status status = openListeners(settings, all);
  if (status) status = into(all.tls, Tls::open(settings.api.tls, Tls::Role::Server));
  if (status) status = into(all.admin_tls, Tls::open(settings.admin.tls, Tls::Role::Server));
  if (status) status = into(all.identity, api::TokenFile::open(settings.token_file));
  if (status) status = into(all.provider, provider::makeProvider(settings.provider));
  if (status) status = into(all.gateway, GearmanGateway::open(settings.gearman, settings.gateway, clock));
  if (status) status = openWatch(settings, clock, all);
  if (status) status = store::mysql::migrate(settings.database);
  const auto committed = [phases = all.phases.get()](std::chrono::nanoseconds took) { phases->commit.observe(took); };
  if (status) status = into(all.store, store::mysql::makeStore(settings.database, committed));
  if (status) status = loadVips(*all.store, settings.vips);
  if (status) status = service::AdminUsers(*all.store).ensure(settings.admin.tenants);
  if (!status) return status.error();
  return all;
}

}  // namespace libra
