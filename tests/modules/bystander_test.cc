#include <gtest/gtest.h>

#include <filesystem>
#include <regex>

#include "tests/support/nginx_process.h"
#include "tests/support/paths.h"
#include "tests/support/tls_files.h"

// Our modules are loaded and not used: nginx answers as it does without them.

namespace libra::test {
namespace {

struct Plain {
  const char* name;
  std::string http, stream;
  std::vector<std::pair<std::string, std::string>> requests;  // socket, path
};

// What differs between any two nginx: time, and the folder it runs in.
std::string withoutAccidents(std::string text, const std::string& folder) {
  for (auto at = text.find(folder); at != text.npos; at = text.find(folder)) text.erase(at, folder.size());
  return std::regex_replace(text, std::regex("(Date|Last-Modified|ETag): [^\r]*"), "$1");
}

std::vector<std::string> answers(const Plain& plain, const std::string& modules) {
  const NginxProcess nginx(
      {.modules = modules, .http = plain.http, .stream = plain.stream, .workers = 1});  // one: in a fixed order
  std::vector<std::string> all;
  for (const auto& [socket, path] : plain.requests) {
    const auto answer = nginx.ask(socket, "GET", path);
    all.push_back(withoutAccidents(answer.head + "\n" + answer.body, nginx.directory()));
  }
  for (const auto* severity : {"[emerg]", "[alert]"})
    EXPECT_EQ(nginx.log().find(severity), std::string::npos) << nginx.log();
  return all;
}

std::string backend(const std::string& name, const std::string& answer) {
  return "server { listen unix:" + name + ".sock; location / { return " + answer + "; } }\n";
}

std::vector<Plain> plainConfigurations(const tls::Files& tls) {
  const auto proxy = [](const std::string& to) {
    return "server { listen unix:front.sock; location / { proxy_pass " + to +
           "; add_header X-Peer \"$upstream_addr $upstream_status\"; } }\n";
  };
  const auto many = [](const std::string& path) {
    return std::vector<std::pair<std::string, std::string>>(7, {"front.sock", path});
  };
  return {
      {"pages",
       "server { listen unix:front.sock; root .; location = /no { deny all; } location /go { return 302 /x; } }",
       "",
       {{"front.sock", "/nginx.conf.none"}, {"front.sock", "/no"}, {"front.sock", "/go"}, {"front.sock", "/%00"}}},
      {"weights and backup",
       "upstream u { zone z 64k; server unix:a.sock weight=3; server unix:b.sock; server unix:c.sock backup; }" +
           backend("a", "200 a") + backend("b", "200 b") + backend("c", "200 c") + proxy("http://u"),
       "", many("/")},
      {"next upstream",
       "upstream u { server unix:gone.sock; server unix:bad.sock; server unix:a.sock; }" + backend("bad", "503 bad") +
           backend("a", "200 a") +
           "server { listen unix:front.sock; location / { proxy_pass http://u; proxy_next_upstream error http_503;"
           " add_header X-Peer \"$upstream_addr $upstream_status\"; } }",
       "", many("/")},
      {"least connections and hash",
       "upstream u { least_conn; server unix:a.sock; server unix:b.sock; }"
       "upstream h { hash $arg_k; server unix:a.sock; server unix:b.sock; }" +
           backend("a", "200 a") + backend("b", "200 b") + proxy("http://u") +
           "server { listen unix:hash.sock; location / { proxy_pass http://h; } }",
       "",
       {{"front.sock", "/"},
        {"front.sock", "/"},
        {"hash.sock", "/?k=1"},
        {"hash.sock", "/?k=2"},
        {"hash.sock", "/?k=3"}}},
      {"kept connections",
       "upstream u { server unix:a.sock; keepalive 4; }" + backend("a", "200 $connection_requests") +
           "server { listen unix:front.sock; location / { proxy_pass http://u; proxy_http_version 1.1;"
           " proxy_set_header Connection \"\"; } }",
       "", many("/")},
      {"stream", backend("a", "200 a") + backend("b", "200 b"),
       "upstream u { server unix:a.sock; server unix:b.sock; } server { listen unix:front.sock; proxy_pass u; }",
       many("/")},
      {"tls",
       "server { listen unix:tls.sock ssl; ssl_certificate " + tls.certificate + "; ssl_certificate_key " + tls.key +
           "; location / { return 200 \"$ssl_protocol $ssl_session_reused\"; } }\n" +
           "upstream u { server unix:tls.sock; }" + proxy("https://u"),
       "", many("/")},
  };
}

TEST(Bystander, PlainConfigurationsBehaveAsWithoutOurModules) {
  const TempDir folder;
  const TestCa ca(folder.path());
  for (const auto& plain : plainConfigurations(ca.issue("front"))) {
    const auto without = answers(plain, "");
    EXPECT_EQ(answers(plain, binaryDir() + "/modules"), without) << plain.name;
    for (const auto& answer : without) EXPECT_EQ(answer.substr(0, 8), "HTTP/1.1") << plain.name;
  }
}

TEST(Bystander, NothingIsMadeThatNobodyAskedFor) {
  const NginxProcess nginx({.modules = binaryDir() + "/modules", .http = backend("a", "200 a")});
  for (const auto pid : nginx.workers()) {
    const std::filesystem::path open = "/proc/" + std::to_string(pid) + "/fd";
    for (const auto& entry : std::filesystem::directory_iterator(open))
      EXPECT_EQ(std::filesystem::read_symlink(entry).string().find("memfd:libra"), std::string::npos);
  }
}

}  // namespace
}  // namespace libra::test
