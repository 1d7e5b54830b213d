#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "tests/support/lab.h"
#include "tests/support/nginx_process.h"
#include "tests/support/paths.h"

// What a stranger does who has nginx and our README: the configuration and the commands are
// taken from there as they stand, but for the folders and ports.

namespace libra::test {
namespace {

using Replacements = std::vector<std::pair<std::string, std::string>>;

std::string readme() {
  std::ifstream in(sourceDir() + "/modules/nginx/README.md");
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

// The first block of code in this language that has the words.
std::string blockOf(const std::string& language, const std::string& words) {
  const auto text = readme();
  const std::string fence = "```" + language + "\n";
  for (auto at = text.find(fence); at != text.npos; at = text.find(fence, at + 1)) {
    const auto begin = at + fence.size();
    const auto block = text.substr(begin, text.find("```", begin) - begin);
    if (block.find(words) != block.npos) return block;
  }
  throw std::runtime_error("no " + language + " with " + words + " in the README");
}

std::string with(std::string text, const Replacements& replacements) {
  for (const auto& [from, to] : replacements) {
    if (text.find(from) == text.npos) throw std::runtime_error("the README does not say " + from);
    for (auto at = text.find(from); at != text.npos; at = text.find(from, at + to.size()))
      text.replace(at, from.size(), to);
  }
  return text;
}

std::string configuration() {
  const auto ours = binaryDir() + "/modules/";
  const auto text = with(blockOf("nginx", "libra_balance"),
                         {{"modules/ngx_stream_module", "/usr/lib/nginx/modules/ngx_stream_module"},
                          {"modules/ngx_http_libra", ours + "ngx_http_libra"},
                          {"modules/ngx_stream_libra", ours + "ngx_stream_libra"},
                          {"/var/lib/nginx/", ""},
                          {"unix:/run/", "unix:"},
                          {"http {\n", "http {\n    access_log off;\n"}});
  return text + "user root; pid nginx.pid; events {}\n";
}

// The commands in a script, in nginx's folder; what they say.
std::string run(const NginxProcess& nginx, const std::string& commands, const Replacements& replacements) {
  std::ofstream(nginx.directory() + "/commands") << with(commands, replacements);
  return shell("cd " + nginx.directory() + " && bash -eu commands");
}

TEST(Readme, ItsConfigurationAndCommandsDoWhatItSays) {
  const TinyBackend a("a"), b("b");
  const auto port = static_cast<std::uint16_t>(freePort());
  const NginxProcess nginx(configuration(), 1);
  const auto said = run(nginx, blockOf("sh", "--unix-socket"),
                        {{"/run/", nginx.directory() + "/"},
                         {":8080", ":" + std::to_string(port)},
                         {":9001", ":" + std::to_string(a.port())},
                         {":9002", ":" + std::to_string(b.port())}});
  EXPECT_THAT(said, ::testing::HasSubstr(R"({"revision":1,"boot":")"));
  EXPECT_THAT(said, ::testing::HasSubstr(R"("id":"web")"));
  EXPECT_THAT(said, ::testing::Not(::testing::HasSubstr("error")));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(httpGet(port).firstLine(), "a") << "b was said to be down";
}

TEST(Readme, ItsServerWithTlsShowsTheCertificateOfTheState) {
  const TinyBackend a("a");
  const auto server = with(blockOf("nginx", "$libra_certificate"), {{"unix:/run/", "unix:"}});
  const NginxProcess nginx(with(configuration(), {{"http {\n", "http {\n" + server}}), 1);
  shell("cd " + nginx.directory() +
        " && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=shop.example"
        " -addext subjectAltName=DNS:shop.example -keyout shop.key -out shop.crt 2>&1");
  const auto control = blockOf("sh", "--unix-socket");
  const auto said = run(nginx, control.substr(0, control.find('\n') + 1) + blockOf("sh", "--cacert"),
                        {{"/run/", nginx.directory() + "/"},
                         {"8443", std::to_string(freePort())},
                         {":9001", ":" + std::to_string(a.port())}});
  EXPECT_THAT(said, ::testing::StartsWith(R"({"revision":2,"boot":")"));
  EXPECT_THAT(said, ::testing::HasSubstr("\na\nGET / HTTP")) << "verified, and by this name";
}

}  // namespace
}  // namespace libra::test
