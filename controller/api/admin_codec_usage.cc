#include "controller/api/admin_codec.h"
#include "controller/api/codec.h"
#include "lib/json/value.h"

namespace libra::api::codec {

namespace {

json::Value written(const model::LbUsageSample& sample) {
  const auto count = [](std::uint64_t value) { return static_cast<std::int64_t>(value); };
  return json::Value::object()
      .set("start", timestamp(sample.start))
      .set("end", timestamp(sample.end))
      .set("device", sample.device)
      .set("bytesIn", count(sample.bytes_in))
      .set("bytesOut", count(sample.bytes_out))
      .set("connections", count(sample.connections))
      .set("status", sample.status);
}

}  // namespace

std::string writeUsage(const std::vector<model::LbUsageSample>& samples) {
  auto list = json::Value::array();
  for (const auto& sample : samples) list.push(written(sample));
  return json::dump(json::Value::object().set("usage", list));
}

}  // namespace libra::api::codec
