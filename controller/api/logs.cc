#include "controller/api/logs.h"

#include "controller/api/codec.h"

namespace libra::api {

Answer LogRoutes::archive(const Call& call, std::int64_t lb) const {
  auto wanted = codec::readLogArchive(call.request.body);
  if (!wanted) return wanted.error();
  auto accepted = load_balancers_.archiveLogs(call.caller.tenant, lb);
  if (!accepted) return accepted.error();
  return http::Response{202};
}

}  // namespace libra::api
