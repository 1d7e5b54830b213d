#include "lib/base/ids.h"

#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

namespace libra {

namespace {

// The kernel may give less than asked only when interrupted; once booted it never fails.
void fillRandom(unsigned char* bytes, std::size_t count) {
  while (count > 0) {
    const ssize_t got = ::getrandom(bytes, count, 0);
    if (got < 0 && errno != EINTR) std::abort();
    if (got <= 0) continue;
    bytes += got;
    count -= static_cast<std::size_t>(got);
  }
}

void appendHex(std::string& text, const unsigned char* bytes, std::size_t count) {
  constexpr char kDigits[] = "0123456789abcdef";
  for (std::size_t i = 0; i < count; ++i) {
    text += kDigits[bytes[i] >> 4];
    text += kDigits[bytes[i] & 15];
  }
}

}  // namespace

std::string randomHex(std::size_t bytes) {
  std::string text;
  text.reserve(bytes * 2);
  for (unsigned char chunk[64]; bytes > 0;) {
    const std::size_t part = std::min(bytes, sizeof chunk);
    fillRandom(chunk, part);
    appendHex(text, chunk, part);
    bytes -= part;
  }
  return text;
}

std::string newRequestId() { return "req-" + randomHex(8); }

std::string newUuid() {
  unsigned char bytes[16];
  fillRandom(bytes, sizeof bytes);
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0F) | 0x40);  // version 4
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3F) | 0x80);  // the variant of RFC 4122

  std::string text;
  text.reserve(36);
  const unsigned char* next = bytes;
  for (const std::size_t group : {4, 2, 2, 2, 6}) {
    if (!text.empty()) text += '-';
    appendHex(text, next, group);
    next += group;
  }
  return text;
}

}  // namespace libra
