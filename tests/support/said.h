#pragma once

#include <string>

#include "lib/base/result.h"

namespace libra::test {

// The message of a refusal; "" of a success.
template <typename T>
std::string said(const Result<T>& result) {
  return result ? "" : result.error().message;
}

}  // namespace libra::test
