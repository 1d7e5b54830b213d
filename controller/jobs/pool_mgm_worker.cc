#include "controller/jobs/pool_mgm_worker.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "lib/json/value.h"
#include "lib/log/log.h"
#include "lib/seal/answerer.h"
#include "lib/tls/roles.h"

namespace libra {

namespace {

constexpr log::Logger kLog{"pool_mgm"};

using json::Value;
using service::PoolManager;

// Each does what its action asks and adds what it yields to the answer.
Status buildDevice(PoolManager& pool, Value& answer) {
  model::NewDevice made;
  const auto built = pool.build(made);
  if (!made.name.empty())
    answer.set("name", made.name)
        .set("addr", made.address)
        .set("type", made.driver)
        .set("az", model::zoneNumber(made.zone));
  return built;
}

Status deleteDevice(PoolManager& pool, Value& answer) { return pool.remove(answer["name"].text()); }

Status buildIp(PoolManager& pool, Value& answer) {
  const auto vip = pool.spareVip();
  if (!vip) return vip.error();
  answer.set("id", vip->id).set("ip", vip->address.str());
  return ok();
}

Status assignIp(PoolManager& pool, Value& answer) { return pool.assign(answer["name"].text(), answer["ip"].text()); }

Status removeIp(PoolManager& pool, Value& answer) { return pool.withdraw(answer["name"].text(), answer["ip"].text()); }

Status deleteIp(PoolManager& pool, Value& answer) { return pool.release(answer["ip"].text()); }

using Action = Status (*)(PoolManager&, Value& answer);
constexpr std::array<std::pair<std::string_view, Action>, 6> kActions{{{"BUILD_DEVICE", buildDevice},
                                                                       {"DELETE_DEVICE", deleteDevice},
                                                                       {"BUILD_IP", buildIp},
                                                                       {"ASSIGN_IP", assignIp},
                                                                       {"REMOVE_IP", removeIp},
                                                                       {"DELETE_IP", deleteIp}}};

Status perform(PoolManager& pool, Value& answer) {
  std::string word = answer["action"].text();
  std::transform(word.begin(), word.end(), word.begin(), [](unsigned char c) { return std::toupper(c); });
  for (const auto& [name, action] : kActions)
    if (name == word) return action(pool, answer);
  return Error{ErrorCode::Invalid, "Unknown action"};
}

}  // namespace

std::string answerPoolMessage(PoolManager& pool, std::string_view payload) {
  const auto request = json::parse(payload);
  const bool is_object = request && request->isObject();
  auto answer = is_object ? *request : Value::object();
  const auto done =
      is_object ? perform(pool, answer) : Status(Error{ErrorCode::Invalid, "The message is no JSON object"});
  answer.set("response", done ? "PASS" : "FAIL");
  if (!done) answer.set("error", done.error().message);
  const auto action = answer["action"].text();
  if (done)
    kLog.info("{} done", action);
  else
    kLog.warn("{} failed: {} ({})", action, done.error().message, done.error().detail);
  return json::dump(answer);
}

Status PoolMgmWorker::start() {
  auto handler = seal::answering({connection_.ca, connection_.certificate, connection_.key}, clock_,
                                 {tls::kControllerUri, tls::kControllerUri, !sealed_},
                                 [this](const std::string& payload) { return answerPoolMessage(pool_, payload); });
  if (!handler) return handler.error();
  return worker_.emplace(connection_, kFunction, "libra-controller", *std::move(handler)).start();
}

}  // namespace libra
