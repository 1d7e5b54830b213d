#include "lib/heartbeat/key.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>
#include <memory>

#include "lib/base/handles.h"

namespace libra::heartbeat {

namespace {

using Mac = std::unique_ptr<EVP_MAC_CTX, FreeWith<EVP_MAC_CTX_free>>;

Error failed() { return {ErrorCode::Internal, "No heartbeat can be authenticated", "OpenSSL has no HMAC-SHA256"}; }

Mac hmacSha256() {
  const std::unique_ptr<EVP_MAC, FreeWith<EVP_MAC_free>> algorithm(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  Mac mac(algorithm ? EVP_MAC_CTX_new(algorithm.get()) : nullptr);
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                   OSSL_PARAM_construct_end()};
  if (mac && EVP_MAC_CTX_set_params(mac.get(), parameters) != 1) mac.reset();
  return mac;
}

}  // namespace

Result<Tag> Key::tag(Bytes message) const {
  thread_local const Mac mac = hmacSha256();  // begun anew with each message's key
  std::array<std::uint8_t, 32> whole{};
  std::size_t size = 0;
  const bool made = mac && EVP_MAC_init(mac.get(), secret_.data(), secret_.size(), nullptr) == 1 &&
                    EVP_MAC_update(mac.get(), message.data(), message.size()) == 1 &&
                    EVP_MAC_final(mac.get(), whole.data(), &size, whole.size()) == 1;
  if (!made || size != whole.size()) return failed();
  Tag tag;
  std::copy_n(whole.begin(), tag.size(), tag.begin());
  return tag;
}

bool Key::matches(Bytes message, Bytes given) const {
  const auto own = tag(message);
  return own && given.size() == own->size() && CRYPTO_memcmp(own->data(), given.data(), given.size()) == 0;
}

}  // namespace libra::heartbeat
