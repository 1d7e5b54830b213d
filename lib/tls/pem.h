#pragma once

// PEM in memory, and the OpenSSL handles that reading and writing it takes.

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <string_view>

#include "lib/base/handles.h"
#include "lib/base/result.h"
#include "lib/tls/openssl_error.h"

namespace libra::tls {

using Bio = std::unique_ptr<BIO, FreeWith<BIO_free_all>>;
using Key = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, FreeWith<X509_free>>;

// The text must outlive what is read from it.
inline Bio reading(std::string_view text) { return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

inline std::string written(BIO* to) {
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(to, &bytes);
  return size > 0 ? std::string(bytes, static_cast<std::size_t>(size)) : std::string();
}

// An encrypted key is refused; OpenSSL's default would ask on the terminal.
inline int noPassword(char*, int, int, void*) { return -1; }

inline Error refused(std::string what) { return Error{ErrorCode::Invalid, std::move(what), takeOpensslError()}; }

}  // namespace libra::tls
