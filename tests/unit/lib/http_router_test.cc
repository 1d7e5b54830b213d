#include <gtest/gtest.h>

#include "lib/http/router.h"

namespace libra::http {
namespace {

using Kind = RouteTable::Match::Kind;

const Router<std::string>& routes() {
  static const Router<std::string> kRouter = [] {
    Router<std::string> router;
    router.add("GET", "/", "root");
    router.add("GET", "/lbs", "list");
    router.add("POST", "/lbs", "create");
    router.add("GET", "/lbs/{lb}", "show");
    router.add("DELETE", "/lbs/{lb}", "delete");
    router.add("GET", "/lbs/usage", "usage");
    router.add("PUT", "/lbs/{lb}/nodes/{node}", "change node");
    router.add("GET", "/{any}/usage", "any usage");
    router.add("GET", "/own", "get own");
    router.add("HEAD", "/own", "head own");
    return router;
  }();
  return kRouter;
}

TEST(Routing, Table) {
  struct Row {
    const char *method, *path;
    Kind kind;
    const char *handler, *allow;
  };
  const Row rows[] = {
      {"GET", "/", Kind::Found, "root", "GET, HEAD"},
      {"GET", "/lbs", Kind::Found, "list", "GET, HEAD, POST"},
      {"GET", "/lbs/", Kind::Found, "list", "GET, HEAD, POST"},
      {"HEAD", "/lbs", Kind::Found, "list", "GET, HEAD, POST"},
      {"POST", "/lbs", Kind::Found, "create", "GET, HEAD, POST"},
      {"PATCH", "/lbs", Kind::MethodNotAllowed, "", "GET, HEAD, POST"},
      {"get", "/lbs", Kind::MethodNotAllowed, "", "GET, HEAD, POST"},
      {"GET", "/lbs/7", Kind::Found, "show", "DELETE, GET, HEAD"},
      {"GET", "/lbs/usage", Kind::Found, "usage", "GET, HEAD"},
      {"DELETE", "/lbs/usage", Kind::MethodNotAllowed, "", "GET, HEAD"},
      {"GET", "/%6cbs/us%61ge", Kind::Found, "usage", "GET, HEAD"},
      {"GET", "/other/usage", Kind::Found, "any usage", "GET, HEAD"},
      {"HEAD", "/own", Kind::Found, "head own", "GET, HEAD"},
      {"PUT", "/lbs/7/nodes/8", Kind::Found, "change node", "PUT"},
      {"HEAD", "/lbs/7/nodes/8", Kind::MethodNotAllowed, "", "PUT"},
      {"GET", "/lbs/7/nodes", Kind::UnknownPath, "", ""},
      {"GET", "//lbs", Kind::UnknownPath, "", ""},
      {"GET", "/lbs//", Kind::UnknownPath, "", ""},
      {"GET", "/lbs//nodes/8", Kind::UnknownPath, "", ""},
      {"GET", "/lbs/a%2Fb", Kind::UnknownPath, "", ""},
      {"GET", "/lbs/a%00", Kind::UnknownPath, "", ""},
      {"GET", "/lbs/%zz", Kind::UnknownPath, "", ""},
      {"GET", "", Kind::UnknownPath, "", ""},
      {"GET", "lbs", Kind::UnknownPath, "", ""},
      {"OPTIONS", "*", Kind::UnknownPath, "", ""},
  };
  for (const Row& row : rows) {
    const auto match = routes().match(row.method, row.path);
    EXPECT_EQ(match.kind, row.kind) << row.method << ' ' << row.path;
    EXPECT_EQ(match.allow, row.allow) << row.method << ' ' << row.path;
    const std::string handler = match.kind == Kind::Found ? routes().handler(match) : "";
    EXPECT_EQ(handler, row.handler) << row.method << ' ' << row.path;
  }
}

TEST(Routing, GivesTheDecodedValuesAndThePattern) {
  const auto match = routes().match("PUT", "/lbs/a%20b/nodes/{x}");
  ASSERT_EQ(match.kind, Kind::Found);
  EXPECT_EQ(match.pattern, "/lbs/{lb}/nodes/{node}");
  EXPECT_EQ(match.values.size(), 2u);
  EXPECT_EQ(match.values["lb"], "a b");
  EXPECT_EQ(match.values["node"], "{x}");
  EXPECT_EQ(match.values["other"], "");
}

}  // namespace
}  // namespace libra::http
