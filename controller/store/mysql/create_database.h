#pragma once

#include "controller/store/mysql/options.h"
#include "lib/base/result.h"

namespace libra::store::mysql {

// Makes the schema and the user that `wanted` names, with its password, as `admin` (who may
// do that) on admin's first server. What is there already stays; the password is set anew.
// Names must be letters, digits and '_', the password letters and digits.
Status createDatabase(const Options& admin, const Options& wanted);

}  // namespace libra::store::mysql
