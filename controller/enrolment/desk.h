#pragma once

#include <string>
#include <vector>

#include "controller/enrolment/invitations.h"

namespace libra::enrolment {

struct Options {
  std::string url;          // of this controller, as devices reach it; "": no device is enrolled here
  std::string ca, ca_key;   // files of the authority
  std::string invitations;  // folder
  std::string group = "libra";
  int days = 365;  // a certificate's life
  std::vector<std::string> job_servers;
  std::vector<std::string> controllers = {};  // that watch devices: "address:port"

  bool open() const { return !url.empty(); }
};

// Gives new devices their certificates. Any thread.
class Desk {
 public:
  Desk(Options options, const Clock& clock)
      : options_(std::move(options)), invitations_(options_.invitations, options_.group, clock), clock_(clock) {}

  Result<std::string> invite(const std::string& device);  // text of the invitation

  // A request's body to the answer's. An invitation is used up only when its certificate is made.
  Result<std::string> enrol(const std::string& request);

 private:
  const Options options_;
  Invitations invitations_;
  const Clock& clock_;
};

}  // namespace libra::enrolment
