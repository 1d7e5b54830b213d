#pragma once

#include "controller/api/call.h"

namespace libra::api {

// The version documents of spec/libra.md 1.6.1 and 3.1; constant.
Answer versionList(const Call& call);    // GET /
Answer tenantVersion(const Call& call);  // GET /v1.1/

Answer adminVersionList(const Call& call);  // GET / of the admin API
Answer adminVersion1(const Call& call);     // GET /v1/
Answer adminVersion2(const Call& call);     // GET /v2.0/

}  // namespace libra::api
