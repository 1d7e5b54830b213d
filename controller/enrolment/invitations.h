#pragma once

#include <string>

#include "lib/base/clock.h"
#include "lib/base/result.h"

namespace libra::enrolment {

// Invitations that are still open: one file each, named by the hash of its secret, so that
// the folder gives none away. They end after a day. `group` may read new files. Any thread,
// any process.
class Invitations {
 public:
  Invitations(std::string folder, std::string group, const Clock& clock)
      : folder_(std::move(folder)), group_(std::move(group)), clock_(clock) {}

  Result<std::string> invite(const std::string& device);          // the secret
  Result<std::string> deviceOf(const std::string& secret) const;  // Forbidden: unknown, used or too old
  Status use(const std::string& secret);                          // Forbidden when another was first

 private:
  std::string file(const std::string& secret) const;

  const std::string folder_, group_;
  const Clock& clock_;
};

}  // namespace libra::enrolment
