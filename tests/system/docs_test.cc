// The pages of docs/ as a reader follows them: every curl on them is run as it stands there.

#include <gmock/gmock.h>

#include <fstream>
#include <regex>
#include <set>

#include "lib/json/value.h"
#include "tests/support/paths.h"
#include "tests/system/libra_test.h"

namespace libra::test {
namespace {

struct Page {
  std::string prelude;             // variables, and the function that calls curl
  std::vector<std::string> calls;  // of that function, with their further lines
};

// Code is indented by four spaces, the further lines of a call by more.
Page readPage(const std::string& name, const std::string& function) {
  Page page;
  std::ifstream in(sourceDir() + "/docs/" + name);
  for (std::string line; std::getline(in, line);) {
    const bool code = line.starts_with("    ");
    if (!code || line.starts_with("    export ")) continue;  // its values are those of run/env
    const auto text = line.substr(4);
    if (text.starts_with(function + " "))
      page.calls.push_back(text);
    else if (text.starts_with(" ") && !page.calls.empty())
      page.calls.back() += "\n" + text;
    else if (text.starts_with(function + "()") || text.starts_with("V1="))
      page.prelude += text + "\n";
  }
  // The page's own function, made to tell the status as well.
  const std::string arguments = "\"$@\"";
  const auto at = page.prelude.find(arguments);
  if (at != std::string::npos) page.prelude.insert(at, "-w '\\n%{http_code}' ");
  return page;
}

// "PUT /loadbalancers/ID/nodes/ID" of a call.
std::string requestOf(const std::string& call) {
  const auto after = [&](const std::string& word) {
    const auto at = call.find(word);
    return at == std::string::npos ? std::string() : call.substr(at + word.size());
  };
  const auto upTo = [](const std::string& text, const char* ends) { return text.substr(0, text.find_first_of(ends)); };
  const auto method = upTo(after("-X "), " ");
  const auto path = upTo(after("LIBRA_URL"), "?\"");
  return (method.empty() ? "GET" : method) + " " + std::regex_replace(path, std::regex(R"(\$(LB|NODE))"), "ID");
}

struct Told {
  std::string status, body;
};

// Ids are strings or integers, as the ancestor's were.
std::string idIn(const json::Value& object) {
  const auto id = object["id"];
  return id.text().empty() ? std::to_string(id.integer()) : id.text();
}

class Docs : public LibraTest {
 protected:
  // Runs one call with `variables` ("LB=7 NODE=9").
  static Told run(const Page& page, const std::string& call, const std::string& variables) {
    const auto file = lab().path("docs-call.sh");
    std::ofstream(file) << ". " << lab().path("env") << "\n" << variables << "\n" << page.prelude << call << "\n";
    const auto output = shell("bash -eu " + file);
    const auto end = output.rfind('\n');
    return {output.substr(end + 1), output.substr(0, end)};
  }

  static bool settles(const std::string& lb) {
    return waitFor([&] { return lab().statusOf(lb) == "ACTIVE" || lab().statusOf(lb).empty(); },
                   std::chrono::seconds(30));
  }

  // A load balancer that serves and has nodes to lose: the one before, while it is such.
  std::string anActive(const std::string& before) {
    const bool lives = !before.empty() && settles(before) && !lab().statusOf(before).empty();
    if (lives && lab().get("/loadbalancers/" + before)["nodes"].size() > 1) return before;
    return serving("documented");
  }
  // A row without a machine: the pool drops it soon, one in ERROR at once.
  static std::string addedAnew(const Page& page, const std::string& call) {
    lab().sql("DELETE FROM devices WHERE name = 'lb-9'");
    return idIn(*json::parse(run(page, call, "").body));
  }
  static std::string lastNodeOf(const std::string& lb) {
    const auto nodes = lab().get("/loadbalancers/" + lb)["nodes"];
    return idIn(nodes[nodes.size() - 1]);
  }
};

TEST(TenantsPage, ShowsEveryCallThereIs) {
  std::set<std::string> shown;
  for (const auto& call : readPage("api.md", "libra").calls) shown.insert(requestOf(call));
  EXPECT_THAT(shown, ::testing::UnorderedElementsAre(
                         "GET %/v1.1}/", "GET /", "GET /algorithms", "GET /protocols", "GET /limits",
                         "GET /loadbalancers", "POST /loadbalancers", "GET /loadbalancers/ID", "PUT /loadbalancers/ID",
                         "DELETE /loadbalancers/ID", "GET /loadbalancers/ID/virtualips", "GET /loadbalancers/ID/nodes",
                         "POST /loadbalancers/ID/nodes", "GET /loadbalancers/ID/nodes/ID",
                         "PUT /loadbalancers/ID/nodes/ID", "DELETE /loadbalancers/ID/nodes/ID",
                         "GET /loadbalancers/ID/healthmonitor", "PUT /loadbalancers/ID/healthmonitor",
                         "DELETE /loadbalancers/ID/healthmonitor", "POST /loadbalancers/ID/logs"));
}

TEST_F(Docs, EveryCallOfTheTenantsPageWorks) {
  const auto page = readPage("api.md", "libra");
  ASSERT_GE(page.calls.size(), 20U);
  std::string lb;
  for (const auto& call : page.calls) {
    lb = anActive(lb);
    const auto told = run(page, call, "LB=" + lb + " NODE=" + lastNodeOf(lb));
    EXPECT_EQ(told.status.substr(0, 1), "2") << call << "\n" << told.status << " " << told.body;
    if (call.starts_with("libra -X POST \"$LIBRA_URL/loadbalancers\" ")) {
      goesAtTheEnd(idIn(*json::parse(told.body)));
      settles(idIn(*json::parse(told.body)));
    }
  }
}

TEST_F(Docs, EveryCallOfTheOperatorsPageWorks) {
  const auto page = readPage("api-admin.md", "admin");
  ASSERT_GE(page.calls.size(), 25U);
  std::string lb, adds_device;
  const std::string spares = "SELECT COUNT(*) >= 3 FROM devices WHERE status = 'OFFLINE' AND NOT maintenance";
  for (const auto& call : page.calls) {
    lb = anActive(lb);
    ASSERT_TRUE(waitFor([&] { return lab().sql(spares) == "1"; }, std::chrono::seconds(30))) << "before " << call;
    const auto device = adds_device.empty() ? lab().sql("SELECT device FROM load_balancers WHERE id = " + lb)
                                            : addedAnew(page, adds_device);
    const auto vip = idIn(lab().get("/loadbalancers/" + lb)["virtualIps"][0]);
    const auto spare = lab().sql("SELECT MAX(id) FROM devices WHERE status = 'OFFLINE' AND NOT maintenance");
    const auto told =
        run(page, call, "LB=" + lb + " TENANT=operator VIP=" + vip + " DEVICE=" + device + " SPARE=" + spare);
    EXPECT_EQ(told.status.substr(0, 1), "2") << call << "\n" << told.status << " " << told.body;
    if (call.starts_with("admin -X POST \"$V1/devices\"")) adds_device = call;
  }
}

}  // namespace
}  // namespace libra::test
