#include "lib/heartbeat/key.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>

#include <algorithm>

namespace libra::heartbeat {

namespace {

Error failed() { return {ErrorCode::Internal, "No heartbeat can be authenticated", "OpenSSL has no HMAC-SHA256"}; }

}  // namespace

Result<Key> Key::of(const Secret& secret) {
  const std::unique_ptr<EVP_MAC, FreeWith<EVP_MAC_free>> algorithm(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  Mac mac(algorithm ? EVP_MAC_CTX_new(algorithm.get()) : nullptr);
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                   OSSL_PARAM_construct_end()};
  if (!mac || EVP_MAC_init(mac.get(), secret.data(), secret.size(), parameters) != 1) return failed();
  return Key(std::move(mac));
}

Result<Tag> Key::tag(Bytes message) {
  std::array<std::uint8_t, 32> whole{};
  std::size_t size = 0;
  const bool made = EVP_MAC_init(mac_.get(), nullptr, 0, nullptr) == 1 &&
                    EVP_MAC_update(mac_.get(), message.data(), message.size()) == 1 &&
                    EVP_MAC_final(mac_.get(), whole.data(), &size, whole.size()) == 1;
  if (!made || size != whole.size()) return failed();
  Tag tag;
  std::copy_n(whole.begin(), tag.size(), tag.begin());
  return tag;
}

bool Key::matches(Bytes message, Bytes given) {
  const auto own = tag(message);
  return own && given.size() == own->size() && CRYPTO_memcmp(own->data(), given.data(), given.size()) == 0;
}

}  // namespace libra::heartbeat
