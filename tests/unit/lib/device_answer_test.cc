#include "lib/protocol/device_answer.h"

#include <gtest/gtest.h>

namespace libra::protocol {
namespace {

json::Value parsed(const std::string& text) { return *json::parse(text); }

bool same(const json::Value& a, const std::string& b) { return json_equal(a.raw(), parsed(b).raw()) == 1; }

TEST(Job, ActionIsFoundInAnyCase) {
  EXPECT_EQ(readJob(R"({"hpcs_action":"uPdAte"})").action, Action::Update);
  EXPECT_EQ(readJob(R"({"hpcs_action":"DIAGNOSTICS"})").action, Action::Diagnostics);
  for (const char* none : {R"({"hpcs_action":7})", R"({"HPCS_ACTION":"UPDATE"})", "{}", "[]", "", "{", "\xff\xfe"}) {
    const auto job = readJob(none);
    EXPECT_FALSE(job.action) << none;
    EXPECT_TRUE(job.request.isObject()) << none;
  }
}

TEST(Job, TokensAreMaskedBeforeAnybodySeesThem) {
  EXPECT_TRUE(same(readJob(R"({"hpcs_action":"ARCHIVE","hpcs_object_store_token":"secret"})").request,
                   R"({"hpcs_action":"ARCHIVE","hpcs_object_store_token":"*****"})"));
}

TEST(DeviceAnswer, BadRequestHoldsNothingElse) {
  EXPECT_TRUE(
      same(badRequest("Missing node 'id'"),
           R"({"badRequest": {"code": "400", "message": "Validation fault", "details": "The object is not valid",
                       "validationErrors": {"message": "Missing node 'id'"}}})"));
}

TEST(DeviceAnswer, AnAncestorsUpdateComesBackWithConditionsAndDefaultPath) {
  auto request = parsed(R"({"hpcs_action":"UPDATE","loadBalancers":[{"protocol":"HTTP","monitor":{"type":"CONNECT"},
      "nodes":[{"id":1,"condition":"DISABLED"},{"id":"2"}]}]})");
  EXPECT_TRUE(same(updated(request, {.generation = 5, .mechanism = "runtime", .ms = 1, .node_ok = {{"1", true}}}),
                   R"({"hpcs_action":"UPDATE","hpcs_response":"PASS","loadBalancers":[{"protocol":"HTTP",
      "monitor":{"type":"CONNECT","path":"/"},"nodes":[{"id":1,"condition":"ENABLED"},{"id":"2","condition":"DISABLED"}]}]})"));
}

TEST(DeviceAnswer, OurUpdateComesBackWithWhatRuns) {
  auto request = parsed(R"({"generation":5,"loadBalancers":[{"nodes":[{"id":"1","condition":"DISABLED"}]}]})");
  EXPECT_TRUE(same(updated(request, {.generation = 5, .mechanism = "runtime", .ms = 0.5, .node_ok = {{"1", true}}}),
                   R"({"generation":5,"mechanism":"runtime","ms":0.5,"hpcs_response":"PASS",
                       "loadBalancers":[{"nodes":[{"id":"1","condition":"DISABLED"}]}]})"));
}

TEST(DeviceAnswer, AnOlderUpdateIsToldWhatRuns) {
  EXPECT_TRUE(same(updated(parsed(R"({"generation":4,"loadBalancers":[]})"),
                           {.generation = 9, .already_newer = true, .mechanism = {}, .node_ok = {}}),
                   R"({"generation":9,"already_newer":true,"ms":0.0,"hpcs_response":"PASS","loadBalancers":[]})"));
}

TEST(DeviceAnswer, AFailedUpdateDisablesTheLastLoadBalancersNodes) {
  const std::string two = R"("loadBalancers":[{"nodes":[{"id":1}]},{"nodes":[{"id":2},7]}])";
  const std::string marked = R"("loadBalancers":[{"nodes":[{"id":1}]},{"nodes":[{"id":2,"condition":"DISABLED"},7]}])";
  EXPECT_TRUE(
      same(updateFailed(parsed("{" + two + "}"), "no slot is free"), R"({"hpcs_response":"FAIL",)" + marked + "}"));
  EXPECT_TRUE(same(updateFailed(parsed(R"({"generation":3,)" + two + "}"), "no slot is free"),
                   R"({"generation":3,"hpcs_response":"FAIL","hpcs_error":"no slot is free",)" + marked + "}"));
  EXPECT_TRUE(
      same(updateFailed(parsed(R"({"loadBalancers":7})"), ""), R"({"hpcs_response":"FAIL","loadBalancers":7})"));
}

TEST(Archive, IsCheckedInTheSpecsOrder) {
  const auto outcome = [](const std::string& request) -> std::string {
    const auto checked = checkArchive(parsed(request));
    if (const auto* bad = std::get_if<BadRequest>(&checked)) return bad->message;
    return std::holds_alternative<Refused>(checked) ? "refused" : "ok";
  };
  const std::string type = R"("hpcs_object_store_type":"swift")";
  const std::string place = R"(,"hpcs_object_store_basepath":"b","hpcs_object_store_endpoint":"e")";
  const std::string token = R"(,"hpcs_object_store_token":"t")";
  EXPECT_EQ(outcome("{}"), "Missing 'hpcs_object_store_type' element");
  EXPECT_EQ(outcome(R"({"hpcs_object_store_type":"ftp"})"), "'ftp' is not a valid store type");
  EXPECT_EQ(outcome(R"({"hpcs_object_store_type":7})"), "'7' is not a valid store type");
  EXPECT_EQ(outcome("{" + type + "}"), "Missing 'hpcs_object_store_basepath' element");
  EXPECT_EQ(outcome("{" + type + R"(,"hpcs_object_store_basepath":"b"})"),
            "Missing 'hpcs_object_store_endpoint' element");
  EXPECT_EQ(outcome("{" + type + place + "}"), "Missing 'hpcs_object_store_token' element");
  EXPECT_EQ(outcome("{" + type + place + token + "}"), "Missing 'loadBalancers' element");
  for (const char* wrong : {"7", "[]", "[{}]", R"([{"id":15}])"})
    EXPECT_EQ(outcome("{" + type + place + token + R"(,"loadBalancers":)" + wrong + "}"), "refused") << wrong;
  EXPECT_EQ(outcome("{" + type + place + token + R"(,"loadBalancers":[{"id":"15"}]})"), "ok");
}

}  // namespace
}  // namespace libra::protocol
