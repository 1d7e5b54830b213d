#pragma once

#include "controller/api/call.h"
#include "controller/service/admin_users.h"
#include "controller/service/journal.h"

namespace libra::api {

// Who may do what in the admin API: the level of the caller's tenant in `admin_users`
// decides, whatever the role of its token (spec 3.1). Wraps handlers; what it refers to must
// outlive them.
class AdminGate {
 public:
  AdminGate(service::AdminUsers& users, service::Journal& journal) : users_(users), journal_(journal) {}

  Handler user(Handler handler) const;    // USER looks
  Handler admin(Handler handler) const;   // ADMIN looks
  Handler change(Handler handler) const;  // ADMIN, and an audit row is written before anything is done

  Status check(const Caller& caller, model::AdminLevel needed) const;

 private:
  Handler checked(model::AdminLevel needed, Handler handler) const;

  service::AdminUsers& users_;
  service::Journal& journal_;
};

}  // namespace libra::api
