#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "controller/service/device_gateway.h"
#include "controller/service/device_sync.h"
#include "lib/base/locked.h"

namespace libra::service {

// Asks spares, one after the other, whether they would carry a request, and tells of those that
// would not: two that said so in a row. Silence counts only where another answers before the next
// silence: else it may be the job servers that are gone. Thread-safe; lives as long as a question of it is under way.
class SpareChecks : public std::enable_shared_from_this<SpareChecks> {
 public:
  struct Options {
    std::chrono::seconds every{60};
    std::chrono::seconds again{5};  // after a failure
    int failures = 2, silences = 2;
    int at_once = 4;
  };
  using Bad = std::function<void(const model::Device&, const std::string& why)>;

  SpareChecks(const Clock& clock, DeviceGateway& gateway, DeviceSync::Run run, Bad bad, Options options)
      : clock_(clock), gateway_(gateway), run_(std::move(run)), bad_(std::move(bad)), options_(options) {}

  void tick(const std::vector<model::Device>& spares);  // all there are

 private:
  struct Check {
    Instant next{}, asked{}, silent{};  // the last question, and the last one without an answer
    bool under_way = false;
    int failures = 0, silences = 0;
  };
  struct Books {
    std::map<std::int64_t, Check> checks;
    Instant heard{};  // the last answer of any
    int under_way = 0;
  };

  bool begin(Books& books, const model::Device& spare);
  void ask(const model::Device& spare);
  void answered(const model::Device& spare, const Result<protocol::Answer>& answer);
  bool failed(Books& books, Check& check, const Result<protocol::Answer>& answer) const;

  const Clock& clock_;
  DeviceGateway& gateway_;
  const DeviceSync::Run run_;
  const Bad bad_;
  const Options options_;
  Locked<Books> books_;
};

}  // namespace libra::service
