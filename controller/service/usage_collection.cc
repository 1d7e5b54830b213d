#include "controller/service/usage_collection.h"

#include <charconv>
#include <map>

#include "lib/log/log.h"
#include "lib/protocol/device_report.h"

namespace libra::service {

using namespace libra::model;

namespace {

constexpr log::Logger kLog{"usage"};

// 0: none of ours, an ancestor's message made it.
std::int64_t idOf(const std::string& text) {
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  return error == std::errc() && end == text.data() + text.size() ? id : 0;
}

// A device tells of a load balancer by its protocol, too; here it has one sample.
UsageReport reportOf(std::int64_t device, const protocol::UsagePeriod& period) {
  std::map<std::int64_t, LbUsageSample> samples;
  for (const auto& lb : period.load_balancers) {
    auto& sample = samples[idOf(lb.id)];
    sample.bytes_in += lb.used.bytes_in;
    sample.bytes_out += lb.used.bytes_out;
    sample.connections += lb.used.connections;
  }
  samples.erase(0);
  UsageReport report{device, period.sequence, period.start, period.end, {}};
  for (auto& [id, sample] : samples) {
    sample.load_balancer = id;
    report.samples.push_back(std::move(sample));
  }
  return report;
}

// By its id: it may be on another device by now.
void addStatuses(Txn& txn, UsageReport& report) {
  for (auto& sample : report.samples) {
    const auto lb = txn.loadBalancers().findAny(sample.load_balancer);
    sample.status = name(lb ? lb->status : LbStatus::Deleted);
  }
}

bool store(const Context& context, std::int64_t device, const protocol::Answer& told, const Tenure& tenure) {
  const auto period = protocol::readUsage(told.body);
  if (!period) return kLog.warn("device {}: {}", device, period.error().message), false;
  const auto stored = context.store.transact([&](Txn& txn) -> Status {
    if (auto ours = fence(txn, tenure); !ours) return ours;
    auto report = reportOf(device, *period);
    addStatuses(txn, report);
    txn.usage().add(report);
    return ok();
  });
  if (!stored) kLog.warn("device {}: cannot store usage, it will tell it again: {}", device, stored.error().detail);
  return bool(stored);
}

void ask(const Context& context, DeviceGateway& gateway, const Device& device, DeviceGateway::Done done) {
  const auto last =
      context.store.transact([&](Txn& txn) -> Result<std::uint64_t> { return txn.usage().lastSequence(device.id); });
  if (!last) return done(last.error());
  gateway.metrics(device.name, *last, std::move(done));
}

// One period of a device; then `done`, told whether it was stored.
void collectOne(const Context& context, DeviceGateway& gateway, const DeviceSync::Run& run, const Device& device,
                const Tenure& tenure, std::function<void(bool stored)> done) {
  ask(context, gateway, device, [=](const Result<protocol::Answer>& answer) {
    run([=] { done(answer && answer->pass && store(context, device.id, *answer, tenure)); });
  });
}

}  // namespace

UsageCollection::UsageCollection(const Context& context, DeviceGateway& gateway, DeviceSync::Run run)
    : round_(
          context, std::move(run),
          [context, &gateway](const Device& device, DeviceGateway::Done done) {
            ask(context, gateway, device, std::move(done));
          },
          [context](std::int64_t device, const protocol::Answer& told, const Tenure& tenure) {
            store(context, device, told, tenure);
          }) {}

// Twice: the first may be a period that was told before, and what came after it is in the next.
void collectLastUsage(const Context& context, DeviceGateway& gateway, const DeviceSync::Run& run, const Device& device,
                      const Tenure& tenure, std::function<void()> done) {
  collectOne(context, gateway, run, device, tenure, [=, &gateway](bool stored) {
    if (!stored) return done();
    collectOne(context, gateway, run, device, tenure, [done](bool) { done(); });
  });
}

}  // namespace libra::service
