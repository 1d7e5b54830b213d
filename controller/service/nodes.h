#pragma once

#include "controller/service/load_balancers.h"

namespace libra::service {

// Nodes of a tenant's load balancer; rules of spec/libra.md 1.6.10-1.6.14.
class Nodes {
 public:
  explicit Nodes(Context context) : context_(std::move(context)) {}

  Result<std::vector<model::Node>> list(const std::string& tenant, std::int64_t lb);
  Result<model::Node> find(const std::string& tenant, std::int64_t lb, std::int64_t node);
  Result<std::vector<model::Node>> add(const std::string& tenant, std::int64_t lb,
                                       const std::vector<NodeRequest>& nodes);  // the new ones only
  Status change(const std::string& tenant, std::int64_t lb, std::int64_t node, const NodeChange& change);
  Status remove(const std::string& tenant, std::int64_t lb, std::int64_t node);

 private:
  Context context_;
};

}  // namespace libra::service
