#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "lib/http/message.h"

namespace libra::http {

// Answers one request. Call it once, from any thread; the reply is carried to the loop
// of the request and dropped there if the client has left or the server is gone.
// Cheap to copy. Later calls of the same Reply do nothing; a Reply that is destroyed
// without a call answers 500.
class Reply {
 public:
  // Called exactly once, from the thread of the call; with nothing when no answer was given.
  using Send = std::function<void(std::optional<Response>)>;

  explicit Reply(Send send);
  void operator()(Response response) const;

 private:
  struct Slot;
  std::shared_ptr<Slot> slot_;
};

}  // namespace libra::http
