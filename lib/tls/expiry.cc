#include "lib/tls/expiry.h"

#include <ctime>

#include "lib/tls/pem.h"

namespace libra::tls {

Result<Time> expiryOf(const std::string& file) {
  const Bio in(BIO_new_file(file.c_str(), "r"));
  const Certificate certificate(in ? PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr) : nullptr);
  std::tm end{};
  if (!certificate || ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &end) != 1)
    return Error{ErrorCode::Invalid, file + ": " + takeOpensslError()};
  return std::chrono::system_clock::from_time_t(::timegm(&end));
}

}  // namespace libra::tls
