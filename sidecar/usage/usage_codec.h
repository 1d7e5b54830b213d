#pragma once

#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "sidecar/usage/usage_ledger.h"

namespace libra::sidecar {

std::string writeUsageRecord(const UsageRecord& record);
Result<UsageRecord> readUsageRecord(std::string_view text);

}  // namespace libra::sidecar
