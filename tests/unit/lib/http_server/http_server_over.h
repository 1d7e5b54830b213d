#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <atomic>
#include <future>
#include <thread>

#include "tests/support/http_server.h"
#include "tests/support/raw_client.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tls_files.h"

namespace libra::http::server_test {

using test::eventually;
using test::HttpServer;
using test::RawClient;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

inline const std::string kHostLine = "Host: h\r\n";

inline std::string get(const std::string& path) { return "GET " + path + " HTTP/1.1\r\n" + kHostLine + "\r\n"; }
inline std::string post(std::size_t length, const std::string& more = {}) {
  return "POST /echo HTTP/1.1\r\n" + kHostLine + "Content-Length: " + std::to_string(length) + "\r\n" + more + "\r\n";
}

inline std::string statusOf(const std::string& answer) { return answer.substr(0, answer.find("\r\n")); }
inline std::string bodyOf(const std::string& answer) {
  return answer.substr(std::min(answer.find("\r\n\r\n") + 4, answer.size()));
}

// "GET /path" or, for /echo, the body.
inline void echo(Request request, Reply reply) {
  reply(Response(200, request.path == "/echo" ? request.body : request.method + " " + request.path));
}

inline Response refuseInWords(int status, const Request& known) {
  return Response(status, "refused " + std::to_string(status) + " " + known.method);
}

struct Transport {
  const char* name;
  bool tls;
};

// The same over plain TCP and over TLS.
class HttpServerOver : public testing::TestWithParam<Transport> {
 protected:
  static const test::TestCa& ca() {
    static const test::TempDir kDir;
    static const test::TestCa kCa(kDir.path());
    return kCa;
  }

  Server::Options options(Limits limits) {
    Server::Options options{.limits = limits, .refusal = refuseInWords};
    if (GetParam().tls) {
      const auto files = ca().issue("front", {.ip = {"127.0.0.1"}});
      options.tls = *tls::ReloadingContext::open(files, tls::ReloadingContext::Role::Server);
      client_context_ = *tls::clientContext({.ca = ca().caFile()});
    }
    return options;
  }
  HttpServer& start(Server::Handler handler = echo, Limits limits = {}) {
    return server_.emplace(options(limits), std::move(handler));
  }
  HttpServer& startOn(int listening_fd) {
    HttpServer& server = start();
    server.onLoop([&](Server& here) { EXPECT_TRUE(here.listenOn(listening_fd)); });
    return server;
  }
  void drain() {
    std::promise<void> drained;
    server_->drain(20s, [&] { drained.set_value(); });
    drained.get_future().wait();
  }
  RawClient connect() { return RawClient(server_->port(), client_context_); }

  tls::Context client_context_;
  std::optional<HttpServer> server_;
};

}  // namespace libra::http::server_test
