#include "cli/api.h"

namespace libra::cli {

namespace {

int exitCodeOf(int status) {
  switch (status) {
    case 401:
    case 403:
      return kAuthentication;
    case 404:
      return kNotFound;
    case 409:
    case 412:
    case 422:
      return kConflict;
    case 413:
      return kOverLimit;
    default:
      return kFailed;
  }
}

// "ERROR: <message>, DETAILS: <details>", as the ancestor's client printed it.
std::string errorText(const http::Response& response) {
  const auto parsed = json::parse(response.body);
  const json::Value body = parsed ? *parsed : json::Value();
  std::string message = body["faultstring"].text();
  if (message.empty()) message = body["message"].text();
  if (message.empty()) message = "HTTP " + std::to_string(response.status);
  const std::string details = body["details"].text();
  return details.empty() ? message : message + ", DETAILS: " + details;
}

}  // namespace

Api::Api(ApiOptions options) : options_(std::move(options)) {}

http::Client& Api::client() {
  if (client_) return *client_;
  if (options_.url.empty()) throw Failure(kUsage, "No API address: " + options_.url_help);
  if (options_.token.empty()) throw Failure(kUsage, "No token: " + options_.token_help);
  client_ = std::make_unique<http::Client>(
      http::Client::Options{.base_url = options_.url,
                            .ca_file = options_.ca_file,
                            .certificate = {},
                            .key = {},
                            .headers = {{"X-Auth-Token", options_.token}, {"Accept", "application/json"}},
                            .timeout = options_.timeout});
  return *client_;
}

json::Value Api::send(const std::string& method, const std::string& path, const json::Value& body) {
  const std::string text = body ? json::dump(body) : "";
  auto& connection = client();
  if (options_.debug)
    *options_.debug << "> " << method << " " << options_.url << path << "\n> X-Auth-Token: *****\n"
                    << (text.empty() ? "" : "> " + text + "\n");
  const http::Headers headers = text.empty() ? http::Headers{} : http::Headers{{"Content-Type", "application/json"}};
  const auto response = connection.send(method, path, text, headers);
  if (!response) throw Failure(kFailed, "No answer from " + options_.url + ": " + response.error().message);
  if (options_.debug) *options_.debug << "< " << response->status << "\n< " << response->body << "\n";
  if (response->status < 200 || response->status >= 300)
    throw Failure(exitCodeOf(response->status), errorText(*response));
  if (response->body.empty()) return {};
  auto parsed = json::parse(response->body);
  if (!parsed) throw Failure(kFailed, "The answer is no JSON: " + parsed.error().message);
  return *parsed;
}

}  // namespace libra::cli
