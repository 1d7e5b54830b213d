#pragma once

#include "controller/api/call.h"
#include "controller/service/nodes.h"

namespace libra::api {

// spec/libra.md 1.6.10 - 1.6.14.
class NodeRoutes {
 public:
  explicit NodeRoutes(service::Nodes& nodes) : nodes_(nodes) {}

  Answer list(const Call& call, std::int64_t lb) const;
  Answer add(const Call& call, std::int64_t lb) const;
  Answer find(const Call& call, std::int64_t lb, std::int64_t node) const;
  Answer change(const Call& call, std::int64_t lb, std::int64_t node) const;
  Answer remove(const Call& call, std::int64_t lb, std::int64_t node) const;

 private:
  service::Nodes& nodes_;
};

}  // namespace libra::api
