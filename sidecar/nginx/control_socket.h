#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/handles.h"
#include "lib/base/result.h"
#include "lib/json/value.h"

namespace libra::sidecar::nginx {

// The control protocol of the nginx modules (modules/nginx/README.md), one connection per
// request, from one thread. Unavailable: nobody answers, or "try the same again"; Conflict:
// another state is in force; OverLimit: a ceiling of the module; Invalid: not understood.
class ControlSocket {
 public:
  ControlSocket(std::string path, const Clock& clock, std::chrono::milliseconds patience = std::chrono::seconds(5))
      : path_(std::move(path)), clock_(clock), patience_(patience) {}

  Result<json::Value> get(std::string_view resource) const { return ask("GET", resource, "", {}); }
  // Descriptors go along with the request; the caller keeps its own.
  Result<json::Value> put(std::string_view resource, const json::Value& body, const std::vector<Fd>& along = {}) const {
    return ask("PUT", resource, json::dump(body), along);
  }

 private:
  Result<json::Value> ask(std::string_view method, std::string_view resource, const std::string& body,
                          const std::vector<Fd>& along) const;
  Result<std::string> exchange(std::string_view request, const std::vector<Fd>& along) const;
  Status send(int socket, std::string_view bytes, const std::vector<Fd>& along, Instant deadline) const;
  Status wait(int socket, short events, Instant deadline) const;

  std::string path_;
  const Clock& clock_;
  std::chrono::milliseconds patience_;
};

// The body of a whole reply, of any bytes, or the error that its status stands for.
Result<json::Value> readReply(std::string_view reply);

}  // namespace libra::sidecar::nginx
