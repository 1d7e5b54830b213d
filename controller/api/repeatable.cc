#include "controller/api/repeatable.h"

#include <algorithm>
#include <string>
#include <utility>

#include "lib/tls/digest.h"

namespace libra::api {

namespace {

constexpr const char* kHeader = "Idempotency-Key";
constexpr std::chrono::hours kKept{24};
constexpr std::size_t kLongestKey = 128;
constexpr int kForgottenAtOnce = 1000;

bool isKey(std::string_view text) {
  const auto visible = [](char c) { return c > ' ' && c < '\x7f'; };
  return !text.empty() && text.size() <= kLongestKey && std::all_of(text.begin(), text.end(), visible);
}

// Method, path and query hold no line break, so no two requests are written alike.
std::string fingerprintOf(const http::Request& request) {
  return tls::sha256Hex(request.method + '\n' + request.path + '\n' + request.query + '\n' + request.body);
}

Answer repeated(const service::KnownRequest& known, std::string_view fingerprint) {
  if (known.fingerprint != fingerprint)
    return Error{ErrorCode::Immutable, "Idempotency-Key was used for another request"};
  return http::Response{known.status, known.body};
}

}  // namespace

Handler Repeatable::over(Handler handler) const {
  return [this, handler = std::move(handler)](const Call& call) {
    return call.request.headers.has(kHeader) ? answer(call, handler) : handler(call);
  };
}

Answer Repeatable::answer(const Call& call, const Handler& handler) const {
  const auto& tenant = call.caller.tenant;
  const std::string key(call.request.headers.get(kHeader));
  if (!isKey(key)) return Error{ErrorCode::Invalid, "Idempotency-Key needs 1 to 128 visible ASCII characters"};
  const auto fingerprint = fingerprintOf(call.request);
  return store_.join([&](service::Txn& txn) -> Answer {
    const auto now = clock_.now();
    if (const auto known = txn.requests().claim(tenant, key, fingerprint, now, now - kKept))
      return repeated(*known, fingerprint);
    auto answer = handler(call);
    if (answer) txn.requests().answer(tenant, key, answer->status, answer->body);
    return answer;
  });
}

Status Repeatable::forget() const {
  return store_.transact([&](service::Txn& txn) -> Status {
    txn.requests().forget(clock_.now() - kKept, kForgottenAtOnce);
    return ok();
  });
}

}  // namespace libra::api
