#pragma once

#include "controller/api/call.h"

namespace libra::api {

// The version documents of spec/libra.md 1.6.1; constant.
Answer versionList(const Call& call);    // GET /
Answer tenantVersion(const Call& call);  // GET /v1.1/

}  // namespace libra::api
