#pragma once

#include <optional>
#include <string>

#include "controller/api/call.h"
#include "lib/base/net_address.h"

// What several resources of the admin API read from a request.
namespace libra::api {

Result<std::optional<NetAddress>> vipParameter(const Call& call);  // ?vip=

// Where a page begins and how long it is: ?marker=, ?limit= (a larger one than `most` is cut).
struct Page {
  std::int64_t marker = 0;
  int limit = 0;
};
Result<Page> pageOf(const Call& call, std::int64_t first, int most);

// A handler of one object: `id` is that of the path, or 0 when it is no number.
template <typename Routes>
Handler withId(Routes routes, const char* placeholder, Answer (Routes::*handler)(const Call&, std::int64_t id) const) {
  return [=](const Call& call) { return (routes.*handler)(call, idOf(call.path[placeholder])); };
}

template <typename Routes>
Handler plain(Routes routes, Answer (Routes::*handler)(const Call&) const) {
  return [=](const Call& call) { return (routes.*handler)(call); };
}

}  // namespace libra::api
