#include "controller/store/mysql/usage_table.h"

namespace libra::store::mysql {

namespace {

// A report may hold no sample, so what was heard last has a row of its own.
std::string markOf(std::int64_t device) { return "usage/" + std::to_string(device); }

model::LbUsageSample sampleFromRow(Row& row) {
  model::LbUsageSample sample;
  row.read(sample.load_balancer, sample.bytes_in, sample.bytes_out, sample.connections, sample.status, sample.start,
           sample.end, sample.device);
  return sample;
}

}  // namespace

// The primary key keeps one sample of a sequence, whoever stores it a second time.
void UsageTable::add(const model::UsageReport& report) {
  std::vector<Parameter> values;
  for (const auto& sample : report.samples)
    values.insert(values.end(),
                  {report.device, static_cast<std::int64_t>(report.sequence), sample.load_balancer, report.start,
                   report.end, static_cast<std::int64_t>(sample.bytes_in), static_cast<std::int64_t>(sample.bytes_out),
                   static_cast<std::int64_t>(sample.connections), sample.status});
  if (!values.empty())
    db_.write(
        "INSERT IGNORE INTO usage_samples (device, sequence, load_balancer, period_start, period_end, bytes_in, "
        "bytes_out, connections, status) VALUES " +
            placeholders(report.samples.size(), 9),
        values);
  db_.change(
      "INSERT INTO marks (name, at, position) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE "
      "at = GREATEST(at, VALUES(at)), position = GREATEST(position, VALUES(position))",
      markOf(report.device), report.end, static_cast<std::int64_t>(report.sequence));
}

std::uint64_t UsageTable::lastSequence(std::int64_t device) {
  const auto found = db_.one(
      "SELECT position FROM marks WHERE name = ?",
      +[](Row& row) {
        std::int64_t position;
        row.read(position);
        return position;
      },
      markOf(device));
  return static_cast<std::uint64_t>(found.value_or(0));
}

std::vector<model::LbUsageSample> UsageTable::ofLoadBalancer(std::int64_t id, Time before, int most) {
  return db_.all(
      "SELECT load_balancer, bytes_in, bytes_out, connections, status, period_start, period_end, device FROM "
      "usage_samples WHERE load_balancer = ? AND period_start < ? ORDER BY period_start DESC, device DESC LIMIT ?",
      sampleFromRow, id, before, most);
}

int UsageTable::forget(Time before, int most) {
  db_.change("DELETE FROM marks WHERE name LIKE 'usage/%' AND at < ? LIMIT ?", before, most);
  return static_cast<int>(db_.change("DELETE FROM usage_samples WHERE period_end < ? LIMIT ?", before, most).rows);
}

}  // namespace libra::store::mysql
