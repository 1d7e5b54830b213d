#pragma once

#include "controller/service/store.h"
#include "controller/settings.h"

namespace libra {

// Puts every address of the ranges into the store's pool of VIPs, but networks' own and
// IPv4 broadcast addresses. Repeatable: what is there stays as it is. A range that was
// taken out of the settings keeps its rows, since they may be in use.
Status loadVips(service::Store& store, const Settings::Vips& vips);

}  // namespace libra
