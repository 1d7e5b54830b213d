#pragma once

#include <chrono>
#include <ostream>
#include <stdexcept>
#include <string>

#include "lib/http/client.h"
#include "lib/json/value.h"

namespace libra::cli {

// Exit codes, fixed for scripts (docs of `libra --help`).
enum Exit {
  kDone = 0,
  kFailed = 1,
  kUsage = 2,
  kNotFound = 3,
  kConflict = 4,
  kOverLimit = 5,
  kAuthentication = 6,
  kTimeout = 7,
  kInterrupted = 130
};

// Ends the command: main prints the text to stderr and exits with the code.
struct Failure : std::runtime_error {
  Failure(int exit_code, const std::string& text) : std::runtime_error(text), code(exit_code) {}
  int code;
};

struct ApiOptions {
  std::string url, token, ca_file;
  std::string url_help = "give --url or set LIBRA_URL, e.g. https://lb.example:8443/v1.1";  // when it is missing
  std::string token_help = "give --token or set LIBRA_TOKEN";
  std::chrono::milliseconds timeout{60'000};
  std::ostream* debug = nullptr;  // requests and answers, the token masked
};

// The Atlas API, or the operator's, as commands use it. Throws Failure for anything but success.
class Api {
 public:
  explicit Api(ApiOptions options);

  json::Value get(const std::string& path) { return send("GET", path, {}); }
  json::Value post(const std::string& path, const json::Value& body) { return send("POST", path, body); }
  json::Value put(const std::string& path, const json::Value& body) { return send("PUT", path, body); }
  json::Value remove(const std::string& path) { return send("DELETE", path, {}); }  // absent without a body

 private:
  json::Value send(const std::string& method, const std::string& path, const json::Value& body);
  http::Client& client();

  ApiOptions options_;
  std::unique_ptr<http::Client> client_;
};

}  // namespace libra::cli
