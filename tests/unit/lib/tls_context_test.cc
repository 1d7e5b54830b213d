#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "lib/base/files.h"
#include "lib/tls/context.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tls_files.h"

namespace libra::tls {
namespace {

using test::TestCa;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Role = ReloadingContext::Role;

// One handshake through memory; both ends see all of it.
struct Handshake {
  Handshake(const Context& server_context, const Context& client_context, const std::string& host)
      : server(*serverSession(server_context)), client(*clientSession(client_context, host)) {
    BIO *server_side = nullptr, *client_side = nullptr;
    BIO_new_bio_pair(&server_side, 0, &client_side, 0);
    SSL_set_bio(server.get(), server_side, server_side);
    SSL_set_bio(client.get(), client_side, client_side);
    SSL_set_accept_state(server.get());
    SSL_set_connect_state(client.get());
    for (int i = 0; i < 10; ++i) {
      const int client_step = SSL_do_handshake(client.get());
      if (client_step != 1 && SSL_get_error(client.get(), client_step) != SSL_ERROR_WANT_READ && client_failure.empty())
        client_failure = failureText(client.get());
      const int server_step = SSL_do_handshake(server.get());
      if (server_step != 1 && SSL_get_error(server.get(), server_step) != SSL_ERROR_WANT_READ && server_failure.empty())
        server_failure = failureText(server.get());
      succeeded = client_step == 1 && server_step == 1;
    }
  }

  Session server, client;
  bool succeeded = false;
  std::string client_failure, server_failure;
};

class TlsContexts : public testing::Test {
 protected:
  test::TempDir dir;
  TestCa ca{dir.path()};
  TestCa other_ca{dir.path(), "other-ca"};
  Files front = ca.issue("front", {.dns = {"front.example"}, .ip = {"127.0.0.1", "::1"}});
  Context trusting = *clientContext({.ca = ca.caFile()});
};

TEST_F(TlsContexts, ConnectWhenChainAndHostAreRight) {
  const Context server = *serverContext(front);
  for (const char* host : {"front.example", "127.0.0.1", "::1"}) {
    const Handshake handshake(server, trusting, host);
    EXPECT_TRUE(handshake.succeeded) << host << ": " << handshake.client_failure;
    EXPECT_GE(SSL_version(handshake.client.get()), TLS1_2_VERSION);
    EXPECT_THAT(peerDnsNames(handshake.client.get()), ElementsAre("front.example"));
    EXPECT_THAT(peerUris(handshake.client.get()), IsEmpty());
    EXPECT_THAT(peerDnsNames(handshake.server.get()), IsEmpty());
  }
}

TEST_F(TlsContexts, SendTheNameOfTheHostButNoAddress) {
  const Context server = *serverContext(front);
  const Handshake by_name(server, trusting, "front.example"), by_address(server, trusting, "127.0.0.1");
  EXPECT_STREQ(SSL_get_servername(by_name.server.get(), TLSEXT_NAMETYPE_host_name), "front.example");
  EXPECT_EQ(SSL_get_servername(by_address.server.get(), TLSEXT_NAMETYPE_host_name), nullptr);
}

TEST_F(TlsContexts, ClientsRefuseServersTheyCannotTrust) {
  struct Row {
    const char* what;
    Files files;
    const char *host, *why;
  };
  const Row rows[] = {
      {"another authority", other_ca.issue("stranger", {.dns = {"front.example"}}), "front.example",
       "unable to get local issuer"},
      {"expired", ca.issue("expired", {.dns = {"front.example"}, .days = -1}), "front.example", "expired"},
      {"not yet valid", ca.issue("early", {.dns = {"front.example"}, .starts_in = 1}), "front.example",
       "not yet valid"},
      {"another name", front, "back.example", "hostname mismatch"},
      {"another address", front, "127.0.0.2", "IP address mismatch"},
      {"a name in the common name only", ca.issue("front.example"), "front.example", "hostname mismatch"},
      {"a client's certificate", ca.issue("client", {.dns = {"front.example"}, .server = false}), "front.example",
       "purpose"},
  };
  for (const Row& row : rows) {
    const Handshake handshake(*serverContext(row.files), trusting, row.host);
    EXPECT_FALSE(handshake.succeeded) << row.what;
    EXPECT_THAT(handshake.client_failure, HasSubstr(row.why)) << row.what;
  }
}

TEST_F(TlsContexts, MutualServersKnowTheirPeers) {
  const Context server = *serverContext(front, true);
  const Files device = ca.issue("device-a", {.dns = {"device-a"}, .uri = {"libra:device:device-a"}});
  const Handshake handshake(server, *clientContext(device), "front.example");
  EXPECT_TRUE(handshake.succeeded) << handshake.server_failure;
  EXPECT_THAT(peerDnsNames(handshake.server.get()), ElementsAre("device-a"));
  EXPECT_THAT(peerUris(handshake.server.get()), ElementsAre("libra:device:device-a"));
}

TEST_F(TlsContexts, MutualServersRefuseStrangers) {
  const Context server = *serverContext(front, true);
  Files stranger = other_ca.issue("stranger");
  stranger.ca = ca.caFile();
  const Files rows[] = {
      {.ca = ca.caFile()}, stranger, ca.issue("expired", {.days = -1}), ca.issue("server", {.client = false})};
  for (const Files& files : rows) {
    const Handshake handshake(server, *clientContext(files), "front.example");
    EXPECT_FALSE(handshake.succeeded) << files.certificate;
    EXPECT_NE(handshake.server_failure, "") << files.certificate;
    EXPECT_THAT(peerDnsNames(handshake.server.get()), IsEmpty());
  }
}

TEST_F(TlsContexts, RefuseOldProtocols) {
  for (const int old : {TLS1_VERSION, TLS1_1_VERSION}) {
    const Context client = *clientContext({.ca = ca.caFile()});
    SSL_CTX_set_min_proto_version(client.get(), 0);
    SSL_CTX_set_max_proto_version(client.get(), old);
    SSL_CTX_set_security_level(client.get(), 0);
    EXPECT_FALSE(Handshake(*serverContext(front), client, "front.example").succeeded);
  }
}

TEST_F(TlsContexts, TellWhichFileIsWrong) {
  const Files other = other_ca.issue("other");
  ASSERT_TRUE(replaceFile(dir / "junk", "junk"));
  struct Row {
    Result<Context> context;
    std::string message;
  };
  const Row rows[] = {
      {serverContext({.certificate = dir / "none", .key = front.key}), (dir / "none") + ": No such file or directory"},
      {serverContext({.certificate = dir / "junk", .key = front.key}), (dir / "junk") + ": no start line"},
      {serverContext({.certificate = front.certificate, .key = other.key}), other.key + ": key values mismatch"},
      {serverContext({.certificate = front.certificate, .key = front.key}, true), ": No such file or directory"},
      {clientContext({}), ": No such file or directory"},
      {clientContext({.ca = dir / "junk"}), (dir / "junk") + ": no certificate or crl found"},
  };
  for (const Row& row : rows) {
    ASSERT_FALSE(row.context) << row.message;
    EXPECT_EQ(row.context.error().message, row.message);
  }
}

TEST_F(TlsContexts, ASessionIsNotMadeWithoutAHostToVerify) {
  EXPECT_FALSE(clientSession(trusting, ""));
  EXPECT_FALSE(clientSession(trusting, std::string("front.example\0.evil", 19)));
}

TEST_F(TlsContexts, FollowTheirFiles) {
  const auto reloading = *ReloadingContext::open(front, Role::Server);
  const Context first = reloading->current();
  reloading->reloadNow();
  EXPECT_EQ(reloading->current(), first) << "nothing has changed";

  ca.issue("front", {.dns = {"new.example"}});
  reloading->reloadNow();
  EXPECT_EQ(reloading->reloads(), 1);
  EXPECT_TRUE(Handshake(reloading->current(), trusting, "new.example").succeeded);
  EXPECT_TRUE(Handshake(first, trusting, "front.example").succeeded) << "who holds the old one may go on";
}

TEST_F(TlsContexts, StayWhenTheNewFilesAreBroken) {
  const auto reloading = *ReloadingContext::open(front, Role::Server);
  const Context first = reloading->current();
  ASSERT_TRUE(replaceFile(front.key, "half a k"));
  reloading->reloadNow();
  EXPECT_EQ(reloading->current(), first);
  std::filesystem::remove(front.key);
  reloading->reloadNow();
  EXPECT_EQ(reloading->current(), first);
  EXPECT_EQ(reloading->reloads(), 0);

  ca.issue("front", {.dns = {"new.example"}});
  reloading->reloadNow();
  EXPECT_EQ(reloading->reloads(), 1);
  EXPECT_TRUE(Handshake(reloading->current(), trusting, "new.example").succeeded);
}

TEST_F(TlsContexts, DoNotOpenOnBrokenFiles) {
  EXPECT_FALSE(ReloadingContext::open({.certificate = dir / "none", .key = front.key}, Role::Server));
  EXPECT_FALSE(ReloadingContext::open({.certificate = front.certificate, .key = front.key}, Role::MutualServer));
  EXPECT_TRUE(ReloadingContext::open(front, Role::MutualServer));
  EXPECT_TRUE(ReloadingContext::open({.ca = ca.caFile()}, Role::Client));
}

}  // namespace
}  // namespace libra::tls
