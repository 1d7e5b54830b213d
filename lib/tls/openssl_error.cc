#include "lib/tls/openssl_error.h"

#include <openssl/err.h>

#include <system_error>

namespace libra::tls {

// The first entry is the deepest and says most: "No such file or directory", not "PEM lib".
std::string takeOpensslError() {
  const unsigned long first = ERR_get_error();
  ERR_clear_error();
  if (first == 0) return "unknown reason";
  if (ERR_SYSTEM_ERROR(first)) return std::generic_category().message(ERR_GET_REASON(first));
  const char* reason = ERR_reason_error_string(first);
  return reason ? reason : "OpenSSL error " + std::to_string(first);
}

}  // namespace libra::tls
