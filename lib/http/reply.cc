#include "lib/http/reply.h"

#include <atomic>

namespace libra::http {

struct Reply::Slot {
  explicit Slot(Send way) : send(std::move(way)) {}
  ~Slot() {
    if (!answered.test_and_set()) send(std::nullopt);
  }

  const Send send;
  std::atomic_flag answered;
};

Reply::Reply(Send send) : slot_(std::make_shared<Slot>(std::move(send))) {}

void Reply::operator()(Response response) const {
  if (!slot_->answered.test_and_set()) slot_->send(std::move(response));
}

}  // namespace libra::http
