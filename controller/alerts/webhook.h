#pragma once

#include <string>

#include "controller/service/alerts.h"
#include "lib/http/client.h"

namespace libra::alerts {

// POSTs each alert as {"id", "at", "kind", "object", "text"} to an address of the operator's,
// which answers 2xx. `at` is Unix time; `id` rises, and the same one may come again.
class Webhook final : public service::AlertHook {
 public:
  struct Options {
    std::string url;    // https://…; "": none
    std::string ca;     // "": the system's
    std::string token;  // sent as Authorization: Bearer; "": none
    std::chrono::milliseconds timeout{5000};
  };

  explicit Webhook(const Options& options);

  Status tell(const model::Event& event) override;

 private:
  http::Client client_;
};

}  // namespace libra::alerts
