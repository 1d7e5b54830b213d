#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "lib/base/result.h"
#include "lib/http/message.h"

namespace libra::http {

// A blocking client over libcurl that keeps its connection between calls. One thread at
// a time. Certificates are always verified. Proxies of the environment are not used.
class Client {
 public:
  struct Options {
    std::string base_url{};            // "https://127.0.0.1:8443/v1.1", put in front of each path
    std::string ca_file{};             // "": the system's
    std::string certificate{}, key{};  // "": none
    Headers headers{};                 // sent with each request
    std::chrono::milliseconds timeout{30'000};
    std::size_t largest_answer = 64 * 1024 * 1024;
  };

  explicit Client(Options options);
  ~Client();
  Client(Client&&) noexcept;

  // Any HTTP answer is a success here; Unavailable: there was none (the message says why).
  // A body is application/json unless a header says else. Redirects are not followed.
  Result<Response> send(const std::string& method, const std::string& path, const std::string& body = {},
                        const Headers& headers = {});
  Result<Response> get(const std::string& path) { return send("GET", path); }

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace libra::http
