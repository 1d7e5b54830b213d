#pragma once

#include <stdexcept>
#include <string>

extern "C" {
#include "modules/nginx/core/libra_balance.h"
#include "modules/nginx/core/libra_revision.h"
#include "modules/nginx/core/libra_status.h"
}

namespace libra::test {

// The nginx module's shared zone with this process as its only worker.
class LibraZone {
 public:
  LibraZone() {
    if (libra_zone_create(&zone_) != 0 || libra_zone_enter(&zone_) != 0) throw std::runtime_error("no zone");
  }
  ~LibraZone() { libra_zone_close(&zone_); }
  LibraZone(const LibraZone&) = delete;

  libra_zone_t* get() { return &zone_; }
  const libra_snapshot_t* current() { return libra_zone_current(&zone_); }
  const libra_lb_t* lb(const std::string& id) { return libra_find_lb(current(), id.data(), id.size()); }
  const libra_peer_t* peer(const std::string& id, const std::string& peer) {
    return libra_find_peer(current(), lb(id), peer.c_str());
  }

  // "" or why the state was refused, with its status.
  std::string apply(const std::string& state) {
    libra_error_t error{};
    libra_revision_t revision;
    if (libra_revision_read(&revision, &zone_, state.data(), state.size(), &error) == 0) {
      if (libra_revision_follows(&revision, &zone_, &error) == 1) libra_zone_publish(&zone_, revision.snapshot);
      libra_revision_free(&revision);
    }
    return error.status ? std::to_string(error.status) + " " + error.text : "";
  }

  // An LB "web" with these members, and nothing else.
  std::string applyWeb(const std::string& members) {
    return apply(R"({"revision":)" + std::to_string(++revision_) + R"(,"loadBalancers":[{"id":"web",)" + members +
                 "}]}");
  }

 private:
  libra_zone_t zone_;
  int revision_ = 0;
};

}  // namespace libra::test
