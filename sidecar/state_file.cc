#include "sidecar/state_file.h"

#include "lib/json/value.h"
#include "lib/protocol/device_job.h"

namespace libra::sidecar {

namespace {

json::Value writeLedger(const VipLedger& ledger) {
  auto list = json::Value::array();
  for (const auto& [address, entry] : ledger.entries())
    list.push(json::Value::object()
                  .set("address", address.str())
                  .set("prefix", entry.prefix)
                  .set("epoch", static_cast<std::int64_t>(entry.epoch))
                  .set("ours", entry.ours));
  return list;
}

bool readLedger(const json::Value& list, VipLedger& ledger) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto address = NetAddress::parse(list[i]["address"].text());
    const auto prefix = list[i]["prefix"].integer(-1);
    const auto epoch = list[i]["epoch"].integer(-1);
    if (!address || prefix < 0 || prefix > 128 || epoch < 0) return false;
    ledger.entries()[*address] = {static_cast<int>(prefix), static_cast<std::uint64_t>(epoch),
                                  list[i]["ours"].boolean()};
  }
  return true;
}

}  // namespace

Result<Stored> StateFile::read() {
  const auto text = file_.read();
  if (!text) return text.error();
  if (!*text) return Stored{};
  auto state = protocol::readStateFile(**text);
  if (!state) return state.error();

  const auto whole = json::parse(**text);
  Stored stored{*std::move(state), (*whole)["deleted"].boolean(), {}};
  if (!readLedger((*whole)["vipLedger"], stored.vips))
    return Error{ErrorCode::Invalid, "The stored state of this device cannot be read", "vipLedger"};
  return stored;
}

Status StateFile::write(const Stored& stored) {
  auto whole = protocol::writeStateFile(stored.state);
  whole.set("deleted", stored.deleted).set("vipLedger", writeLedger(stored.vips));
  return file_.write(json::dump(whole));
}

}  // namespace libra::sidecar
