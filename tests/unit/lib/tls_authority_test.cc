#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include "lib/base/files.h"
#include "lib/tls/authority.h"
#include "tests/support/temp_dir.h"

namespace libra::tls {
namespace {

using Certificate = std::unique_ptr<X509, FreeWith<X509_free>>;

Certificate parse(const std::string& pem) {
  const std::unique_ptr<BIO, FreeWith<BIO_free_all>> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return Certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
}

class Authority : public testing::Test {
 protected:
  Validity validity = validFor(SystemClock().now(), 30);
  Identity authority = *createAuthority("Libra test", validity);
};

TEST_F(Authority, SignsLeavesThatChainToIt) {
  const auto leaf = issueCertificate(authority, {.common_name = "device-a", .dns = {"device-a"}}, validity);
  ASSERT_TRUE(leaf) << leaf.error().message;
  const auto issuer = parse(authority.certificate);
  const auto certificate = parse(leaf->certificate);
  EXPECT_EQ(X509_verify(certificate.get(), X509_get0_pubkey(issuer.get())), 1);
  EXPECT_EQ(X509_check_issued(issuer.get(), certificate.get()), X509_V_OK);
  EXPECT_EQ(X509_check_ca(certificate.get()), 0);
  EXPECT_EQ(X509_cmp_current_time(X509_get0_notBefore(certificate.get())), -1);
  EXPECT_EQ(X509_cmp_current_time(X509_get0_notAfter(certificate.get())), 1);
}

TEST_F(Authority, PutsAllNamesIntoTheLeaf) {
  const auto leaf = issueCertificate(authority,
                                     {.common_name = "device-a",
                                      .dns = {"device-a", "a.example"},
                                      .ip = {"127.0.0.1", "fd77::1"},
                                      .uri = {"libra:device:device-a"}},
                                     validity);
  ASSERT_TRUE(leaf) << leaf.error().message;
  const auto certificate = parse(leaf->certificate);
  EXPECT_EQ(X509_check_host(certificate.get(), "a.example", 0, 0, nullptr), 1);
  EXPECT_EQ(X509_check_host(certificate.get(), "b.example", 0, 0, nullptr), 0);
  EXPECT_EQ(X509_check_ip_asc(certificate.get(), "127.0.0.1", 0), 1);
  EXPECT_EQ(X509_check_ip_asc(certificate.get(), "fd77::1", 0), 1);
  EXPECT_EQ(X509_check_ip_asc(certificate.get(), "127.0.0.2", 0), 0);
}

TEST_F(Authority, ANameCannotSmuggleInAnother) {
  const auto leaf = issueCertificate(authority, {.common_name = "x", .dns = {"a.example,DNS:b.example"}}, validity);
  ASSERT_TRUE(leaf);
  EXPECT_EQ(X509_check_host(parse(leaf->certificate).get(), "b.example", 0, 0, nullptr), 0);
}

TEST_F(Authority, GivesTheUsesAsked) {
  struct Case {
    bool server, client;
    std::uint32_t uses;
  };
  for (const Case& c : {Case{true, true, XKU_SSL_SERVER | XKU_SSL_CLIENT}, Case{true, false, XKU_SSL_SERVER},
                        Case{false, true, XKU_SSL_CLIENT}}) {
    const auto leaf =
        issueCertificate(authority, {.common_name = "x", .server = c.server, .client = c.client}, validity);
    ASSERT_TRUE(leaf);
    EXPECT_EQ(X509_get_extended_key_usage(parse(leaf->certificate).get()), c.uses);
  }
}

TEST_F(Authority, RefusesWhatCannotStandInACertificate) {
  for (const Subject& subject : {Subject{.common_name = std::string(65, 'x')}, Subject{.common_name = "x", .dns = {""}},
                                 Subject{.common_name = "x", .dns = {std::string("a\0b", 3)}},
                                 Subject{.common_name = "x", .ip = {"not an address"}}}) {
    const auto leaf = issueCertificate(authority, subject, validity);
    ASSERT_FALSE(leaf);
    EXPECT_EQ(leaf.error().code, ErrorCode::Invalid);
  }
}

TEST_F(Authority, OnlyAnAuthorityCanIssue) {
  const Identity leaf = *issueCertificate(authority, {.common_name = "x"}, validity);
  EXPECT_FALSE(issueCertificate(leaf, {.common_name = "y"}, validity));
  EXPECT_FALSE(issueCertificate({authority.certificate, leaf.key}, {.common_name = "y"}, validity));
  EXPECT_FALSE(issueCertificate({"no pem", "no pem"}, {.common_name = "y"}, validity));
}

TEST_F(Authority, IsWrittenWithAKeyForTheOwnerAlone) {
  test::TempDir dir;
  const auto files = writeIdentity(dir.path(), "ca", authority);
  ASSERT_TRUE(files) << files.error().message;
  struct stat status {};
  ASSERT_EQ(::stat(files->key.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600u);
  const auto read = readIdentity(dir.path(), "ca");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->certificate, authority.certificate);
  EXPECT_EQ(read->key, authority.key);
  EXPECT_FALSE(readIdentity(dir.path(), "other"));
}

TEST_F(Authority, SignsARequestWithTheNamesItChose) {
  const auto request = createRequest();
  ASSERT_TRUE(request);
  const auto leaf =
      signRequest(authority, request->request, {.common_name = "device-a", .dns = {"device-a"}}, validity);
  ASSERT_TRUE(leaf) << leaf.error().message;
  const auto certificate = parse(*leaf);
  EXPECT_EQ(X509_check_host(certificate.get(), "device-a", 0, 0, nullptr), 1);
  EXPECT_EQ(X509_check_ca(certificate.get()), 0);
}

TEST_F(Authority, WhatIsNoRequestIsNotSigned) {
  for (const auto& text : {std::string(), std::string("x"), authority.certificate, authority.key})
    EXPECT_FALSE(signRequest(authority, text, {.common_name = "device-a"}, validity));
}

TEST_F(Authority, ARequestAlteredOnItsWayIsNotSigned) {
  auto request = createRequest()->request;
  const auto middle = request.size() / 2;
  request[middle] = request[middle] == 'A' ? 'B' : 'A';
  EXPECT_FALSE(signRequest(authority, request, {.common_name = "device-a"}, validity));
}

}  // namespace
}  // namespace libra::tls
