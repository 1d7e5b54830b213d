#include "controller/alerts/webhook.h"

#include "lib/json/value.h"

namespace libra::alerts {

namespace {

http::Client::Options clientOptions(const Webhook::Options& options) {
  http::Client::Options client;
  client.base_url = options.url;
  client.ca_file = options.ca;
  client.timeout = options.timeout;
  client.largest_answer = 64 * 1024;
  if (!options.token.empty()) client.headers.add("Authorization", "Bearer " + options.token);
  return client;
}

std::string bodyOf(const model::Event& event) {
  const auto at = std::chrono::duration_cast<std::chrono::seconds>(event.at.time_since_epoch()).count();
  auto body = json::Value::object();
  body.set("id", event.id)
      .set("at", static_cast<std::int64_t>(at))
      .set("kind", event.kind)
      .set("object", event.object)
      .set("text", event.text);
  return json::dump(body);
}

}  // namespace

Webhook::Webhook(const Options& options) : client_(clientOptions(options)) {}

Status Webhook::tell(const model::Event& event) {
  const auto answer = client_.send("POST", "", bodyOf(event));
  if (!answer) return answer.error();
  if (answer->status >= 200 && answer->status < 300) return ok();
  return Error{ErrorCode::Unavailable, "The webhook answers " + std::to_string(answer->status)};
}

}  // namespace libra::alerts
