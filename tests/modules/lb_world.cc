#include "tests/modules/lb_world.h"
#include "tests/support/paths.h"

namespace libra::test {

namespace {

NginxProcess::Blocks blocks() {
  return {.modules = binaryDir() + "/modules",
          .main = "libra_state state.json;",
          .http = R"(
    server { listen unix:control.sock; libra_control; }
    upstream libra { libra_balance; keepalive 16; }
    server {
      listen unix:http.sock; libra_listen http;
      location / {
        proxy_pass http://libra; proxy_http_version 1.1; proxy_set_header Connection "";
        proxy_connect_timeout 1s;
      }
    }
    upstream fixed { libra_balance $arg_lb; }
    server { listen unix:fixed.sock; location / { proxy_pass http://fixed; } })",
          .stream = R"(
    upstream libra { libra_balance; }
    server { listen unix:tcp.sock; libra_listen tcp; proxy_pass libra; proxy_connect_timeout 1s; })"};
}

}  // namespace

LbWorld::LbWorld() : nginx_(blocks()) {}

HttpAnswer LbWorld::web(const std::string& peers, const std::string& members) {
  return put(state(lb("web", port_, peers, members)));
}

std::string LbWorld::lb(const std::string& id, int port, const std::string& peers, const std::string& members,
                        const std::string& server) const {
  return R"({"id":")" + id + R"(","server":")" + server + R"(","listen":[{"address":"127.0.0.1:)" +
         std::to_string(port) + R"("}],"peers":[)" + peers + "]" + (members.empty() ? "" : ",") + members + "}";
}

std::string LbWorld::peer(const std::string& name, const std::string& members) const {
  const auto& backend = name == "a" ? a_ : name == "b" ? b_ : c_;
  return R"({"id":")" + name + R"(","address":"127.0.0.1:)" + std::to_string(backend.port()) + '"' +
         (members.empty() ? "" : ",") + members + "}";
}

json::Value LbWorld::lbStatus(const std::string& id) const {
  const auto whole = json::parse(status());
  if (!whole) return {};
  const auto lbs = (*whole)["loadBalancers"];
  for (std::size_t i = 0; i < lbs.size(); ++i)
    if (lbs[i]["id"].text() == id) return lbs[i];
  return {};
}

bool LbWorld::isQuiet() const {
  const auto text = status();
  for (auto at = text.find(R"("active":)"); at != text.npos; at = text.find(R"("active":)", at + 1))
    if (text[at + 9] != '0') return false;
  return !text.empty();
}

std::map<std::string, int> LbWorld::shares(int requests, const std::string& headers) const {
  std::map<std::string, int> counts;
  for (int i = 0; i < requests; ++i) {
    const auto answer = httpGet(static_cast<std::uint16_t>(port_), "/", headers);
    ++counts[answer.status == 200 ? answer.firstLine() : std::to_string(answer.status)];
  }
  return counts;
}

Traffic::Traffic(int port, int threads) {
  for (int i = 0; i < threads; ++i)
    threads_.emplace_back([this, port] {
      while (!stopped_) ++(httpGet(static_cast<std::uint16_t>(port)).status == 200 ? answered_ : failed_);
    });
}

void Traffic::stop() {
  stopped_ = true;
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}

void Traffic::flow(int requests) const {
  const int before = answered_ + failed_;
  waitFor([&] { return answered_ + failed_ >= before + requests; });
}

Changes::Changes(int first, std::function<HttpAnswer(int)> put) : accepted_(first - 1) {
  thread_ = std::thread([this, put = std::move(put)] {
    while (!stopped_ && waitFor([&] { return put(accepted_ + 1).status == 200; })) ++accepted_;
  });
}

int Changes::stop() {
  stopped_ = true;
  if (thread_.joinable()) thread_.join();
  return accepted_;
}

bool Changes::flow(int revisions) const {
  const int before = accepted_;
  return waitFor([&] { return accepted_ >= before + revisions; });
}

}  // namespace libra::test
