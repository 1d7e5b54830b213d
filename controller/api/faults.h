#pragma once

#include <string_view>

#include "lib/base/result.h"
#include "lib/http/message.h"

namespace libra::api {

int statusOf(ErrorCode code);  // of HTTP, in every version

// How one version of the API tells a failure; each version has its own.
using FaultWriter = http::Response (*)(const Error&);

// The bodies of spec/libra.md 1.3. NotFound without a message is an unknown URL.
http::Response tenantFault(const Error& error);

// What the HTTP server refused before there was a request (too large, too slow, broken):
// `status` is what it would answer. Runs on the loop.
http::Response tenantRefusal(int status);

http::Response withAllow(http::Response response, std::string_view methods);

}  // namespace libra::api
