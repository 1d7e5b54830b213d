#include <gtest/gtest.h>

#include "lib/json/value.h"
#include "tests/support/certificates.h"
#include "tests/support/libra_zone.h"

// TLS of the nginx module: what of a state is kept, told, found and refused.

namespace libra::test {
namespace {

class CertificateOfModule : public ::testing::Test {
 protected:
  // As a member of a list; a key of "" is not given.
  static std::string entry(const std::string& host, const std::string& certificate, const std::string& key) {
    auto value = json::Value::object().set("certificate", certificate);
    if (!host.empty()) value.set("host", host);
    return json::dump(key.empty() ? value : value.set("key", key));
  }
  std::string made(const std::string& host) {
    const auto certificate = certificates_.make(host);
    return entry(host, certificate.certificate, certificate.key.reveal());
  }
  std::string apply(const std::string& entries) { return zone_.applyWeb("\"certificates\":[" + entries + "]"); }

  std::string found(const char* host) {
    const auto* certificate = libra_find_certificate(zone_.current(), zone_.lb("web"), host);
    return certificate ? std::string("<") + certificate->host + ">" : "none";
  }
  std::string text(bool keys) {
    char* text = libra_revision_text(zone_.current(), keys);
    std::string copy = text;
    ::free(text);
    return copy;
  }

  Certificates certificates_;
  LibraZone zone_;
};

TEST_F(CertificateOfModule, AHostFindsItsOwnThenItsWildcardThenTheOneForAllOthers) {
  ASSERT_EQ(apply(made("*.B.example") + "," + made("a.b.example") + "," + made("")), "");
  for (const auto& [host, expected] : std::vector<std::pair<const char*, const char*>>{{"a.b.example", "<a.b.example>"},
                                                                                       {"A.B.EXAMPLE", "<a.b.example>"},
                                                                                       {"x.b.example", "<*.b.example>"},
                                                                                       {"x.y.b.example", "<>"},
                                                                                       {"b.example", "<>"},
                                                                                       {".b.example", "<>"},
                                                                                       {"", "<>"},
                                                                                       {nullptr, "<>"}})
    EXPECT_EQ(found(host), expected) << (host ? host : "no host");
  ASSERT_EQ(apply(made("a.example")), "");
  EXPECT_EQ(found("b.example"), "none");
}

TEST_F(CertificateOfModule, KeysAreNotToldButForTheStateFileAndStayWhenTheyAreNotGiven) {
  ASSERT_EQ(apply(made("") + "," + made("a.example")), "");
  const auto told = text(false), file = text(true);
  EXPECT_EQ(told.find("PRIVATE"), std::string::npos);
  EXPECT_NE(file.find("PRIVATE"), std::string::npos);

  auto again = *json::parse(told);
  ASSERT_EQ(zone_.apply(json::dump(again.set("revision", 2))), "");
  auto expected = *json::parse(file);
  EXPECT_EQ(json::dump(*json::parse(text(true))), json::dump(expected.set("revision", 2)));
  LibraZone another;
  EXPECT_EQ(another.apply(told).substr(0, 4), "400 ") << "it has no keys";
}

TEST_F(CertificateOfModule, WhatOpensslCouldNotServeIsRefusedWithTheReason) {
  const auto one = certificates_.make(), other = certificates_.make();
  const auto key = one.key.reveal();
  for (const auto& [entries, why] : std::vector<std::pair<std::string, std::string>>{
           {entry("", "hello", key), "is no certificate in PEM form"},
           {entry("", one.certificate + "-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n", key),
            "has an intermediate certificate that is not readable"},
           {entry("", one.certificate, "hello"), "has no readable private key"},
           {entry("", one.certificate, other.key.reveal()), "has the private key of another certificate"},
           {entry("", one.certificate, ""), "no text, none of the key"},
           {entry("", one.certificate, std::string(40'000, 'x')), "too long"},
           {entry("a", one.certificate, key) + "," + entry("A", one.certificate, key), "is there twice"},
           {"{}", "no text"},
           {"null", "an object is expected"},
           {"{\"x\":1}", "unknown member"}}) {
    const auto refusal = apply(entries);
    EXPECT_EQ(refusal.substr(0, 4), "400 ") << why;
    EXPECT_NE(refusal.find(why), std::string::npos) << refusal;
    EXPECT_EQ(refusal.find("PRIVATE"), std::string::npos) << refusal;
  }
}

TEST_F(CertificateOfModule, MoreThanThereIsRoomForIsRefused) {
  std::string entries = "{}";
  for (int i = 0; i < 512; ++i) entries += ",{}";
  EXPECT_EQ(apply(entries).substr(0, 4), "507 ");
}

TEST_F(CertificateOfModule, ABrokenTextIsNotQuoted) {
  const auto refusal = zone_.apply(R"({"revision":1,"loadBalancers":[{"key":"-----BEGIN PRIVATE KEY-----" oops}]})");
  EXPECT_EQ(refusal, "400 no JSON: line 1, column 72");
}

}  // namespace
}  // namespace libra::test
