#pragma once

#include "controller/api/call.h"
#include "controller/service/admin_users.h"
#include "controller/service/journal.h"

namespace libra::api {

// Who may do what in the admin API: both the caller's tenant in `admin_users` and the role
// of its token must reach the level. Wraps handlers; what it refers to must outlive them.
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
