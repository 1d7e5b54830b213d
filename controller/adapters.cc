#include "controller/adapters.h"

#include <utility>

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

Result<Fd> openListener(const std::string& address) {
  const auto handed_over = daemon::takeListenFds();
  if (handed_over.size() > 1) return Error{ErrorCode::Invalid, "the service manager hands over more than one socket"};
  return handed_over.empty() ? http::listenTcp(address) : Fd(handed_over.front());
}

}  // namespace

Result<Adapters> openAdapters(const Settings& settings) {
  Adapters all;
  Status status = into(all.listener, openListener(settings.api.listen));
  if (status)
    status = into(all.tls, tls::ReloadingContext::open(settings.api.tls, tls::ReloadingContext::Role::Server));
  if (status) status = into(all.identity, api::TokenFile::open(settings.token_file));
  if (status) status = into(all.provider, provider::makeProvider(settings.provider));
  if (status) status = into(all.gateway, GearmanGateway::open(settings.gearman, settings.gateway));
  if (status) status = store::mysql::migrate(settings.database);
  if (status) status = into(all.store, store::mysql::makeStore(settings.database));
  if (status) status = loadVips(*all.store, settings.vips);
  if (!status) return status.error();
  return all;
}

}  // namespace libra
