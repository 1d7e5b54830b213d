#include "controller/api/admin_gate.h"

#include "controller/api/admin_faults.h"

namespace libra::api {

using model::AdminLevel;

namespace {

const char* nameOf(Role role) {
  switch (role) {
    case Role::Admin:
      return "ADMIN";
    case Role::User:
      return "USER";
    case Role::Tenant:
      break;
  }
  return "tenant";
}

model::NewAudit auditOf(const Call& call) {
  const auto& request = call.request;
  return {call.caller.tenant, nameOf(call.caller.role), request.id, request.method, request.path, request.body};
}

}  // namespace

Status AdminGate::check(const Caller& caller, AdminLevel needed) const { return users_.check(caller.tenant, needed); }

Handler AdminGate::checked(AdminLevel needed, Handler handler) const {
  return [gate = *this, needed, handler = std::move(handler)](const Call& call) -> Answer {
    if (auto allowed = gate.check(call.caller, needed); !allowed) return allowed.error();
    return handler(call);
  };
}

Handler AdminGate::user(Handler handler) const { return checked(AdminLevel::User, std::move(handler)); }
Handler AdminGate::admin(Handler handler) const { return checked(AdminLevel::Admin, std::move(handler)); }

Handler AdminGate::change(Handler handler) const {
  return checked(AdminLevel::Admin, [&journal = journal_, handler = std::move(handler)](const Call& call) -> Answer {
    const auto audit = journal.begin(auditOf(call));
    if (!audit) return audit.error();
    auto answer = handler(call);
    journal.end(*audit, answer ? answer->status : adminFault(answer.error()).status);
    return answer;
  });
}

}  // namespace libra::api
