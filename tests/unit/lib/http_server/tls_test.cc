#include "tests/unit/lib/http_server/http_server_over.h"

namespace libra::http::server_test {

class TlsServer : public HttpServerOver {};
INSTANTIATE_TEST_SUITE_P(Transports, TlsServer, testing::Values(Transport{"Tls", true}),
                         [](const auto& transport) { return transport.param.name; });

TEST_P(TlsServer, ClosesOnASilentHandshake) {
  start(echo, {.handshake = 50ms});
  RawClient client(server_->port());
  EXPECT_EQ(client.readAll(), "");
  EXPECT_TRUE(client.sawClose());
}

TEST_P(TlsServer, ClosesOnPlainHttpAndGarbage) {
  start();
  for (const std::string& sent : {get("/"), std::string(5000, '\xff'), std::string("\x16\x03\x01\xff\xff junk")}) {
    RawClient client(server_->port());
    client.send(sent);
    client.stopSending();
    EXPECT_THAT(client.readAll(), Not(HasSubstr("HTTP")));
    EXPECT_TRUE(client.sawClose());
  }
  EXPECT_TRUE(eventually([&] { return server_->connections() == 0; }));
}

TEST_P(TlsServer, EndsWithACloseNotify) {
  start(echo, {.idle = 50ms});
  RawClient client = connect();
  client.send(get("/"));
  client.readAnswer();
  EXPECT_EQ(client.readAll(), "");
  EXPECT_TRUE(client.closedCleanly());
}

TEST_P(TlsServer, DemandsCertificatesWhereItIsMutual) {
  const auto files = ca().issue("front", {.ip = {"127.0.0.1"}});
  auto context = *tls::ReloadingContext::open(files, tls::ReloadingContext::Role::MutualServer);
  HttpServer mutual({.tls = context}, echo);
  RawClient stranger(mutual.port(), *tls::clientContext({.ca = ca().caFile()}));
  stranger.send(get("/"));
  EXPECT_EQ(stranger.readAll(), "");
  RawClient known(mutual.port(), *tls::clientContext(ca().issue("client")));
  known.send(get("/"));
  EXPECT_EQ(bodyOf(known.readAnswer()), "GET /");
}

// A client may ask for it as often as it likes, and each time costs the server more than itself.
TEST_P(TlsServer, NegotiatesOnceAConnection) {
  start();
  const auto context = *tls::clientContext({.ca = ca().caFile()});
  SSL_CTX_set_max_proto_version(context.get(), TLS1_2_VERSION);  // the later one knows nothing of the kind
  SSL_CTX_clear_options(context.get(), SSL_OP_NO_RENEGOTIATION);
  RawClient client(server_->port(), context);
  client.send(get("/"));
  ASSERT_EQ(bodyOf(client.readAnswer()), "GET /");
  EXPECT_FALSE(client.renegotiates());
}

}  // namespace libra::http::server_test
