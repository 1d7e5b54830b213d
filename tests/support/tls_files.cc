#include "tests/support/tls_files.h"

#include <filesystem>
#include <stdexcept>
#include <utility>

namespace libra::test {

namespace {

template <typename T>
T need(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message + " " + result.error().detail);
  return *std::move(result);
}

tls::Validity validityOf(const TestCa::Wish& wish) {
  const auto days = [](int count) { return std::chrono::hours(24) * count; };
  tls::Validity validity = tls::validFor(SystemClock().now(), wish.days);
  validity.from += days(wish.starts_in);
  if (wish.days < 0) validity.from = validity.until - days(1);
  return validity;
}

}  // namespace

TestCa::TestCa(const std::string& folder, const std::string& name)
    : folder_(folder), authority_(need(tls::createAuthority("test " + name, tls::validFor(SystemClock().now(), 365)))) {
  std::filesystem::create_directories(folder);
  ca_file_ = need(tls::writeIdentity(folder, name, authority_)).certificate;
}

tls::Files TestCa::issue(const std::string& name, const Wish& wish) const {
  const tls::Subject subject{name, wish.dns, wish.ip, wish.uri, wish.server, wish.client};
  tls::Files files =
      need(tls::writeIdentity(folder_, name, need(tls::issueCertificate(authority_, subject, validityOf(wish)))));
  files.ca = ca_file_;
  return files;
}

}  // namespace libra::test
