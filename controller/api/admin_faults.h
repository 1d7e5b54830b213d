#pragma once

#include "controller/api/faults.h"

namespace libra::api {

// The bodies of spec/libra.md 3.1. NotFound without a message is an unknown URL.
http::Response adminFault(const Error& error);
http::Response adminV1Fault(const Error& error);  // with the "debuginfo" that v1 had
http::Response adminRefusal(int status);          // as tenantRefusal

}  // namespace libra::api
