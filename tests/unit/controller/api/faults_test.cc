#include "controller/api/faults.h"

#include <gtest/gtest.h>

namespace libra::api {
namespace {

struct FaultCase {
  const char* name;
  Error error;
  int status;
  const char* body;
};

class TenantFault : public testing::TestWithParam<FaultCase> {};

// spec/libra.md 1.3 with its TARGET rules.
TEST_P(TenantFault, IsToldAsSpecSection1_3Says) {
  const auto response = tenantFault(GetParam().error);
  EXPECT_EQ(response.status, GetParam().status);
  EXPECT_EQ(response.body, GetParam().body);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_FALSE(response.headers.has("Retry-After"));  // the ancestor's client crashes on it
}

INSTANTIATE_TEST_SUITE_P(
    Kind, TenantFault,
    testing::Values(
        FaultCase{"Validation",
                  {ErrorCode::Invalid, "Node 10.0.0.1 port number 70000 is invalid"},
                  400,
                  R"({"message":"Bad Request","details":"Node 10.0.0.1 port number 70000 is invalid","code":400})"},
        FaultCase{"NotAuthorised",
                  {ErrorCode::Unauthorized, "Token is not valid"},
                  401,
                  R"({"message":"Bad Request","details":"NotAuthorized: Token is not valid","code":401})"},
        FaultCase{"Forbidden",
                  {ErrorCode::Forbidden, "no"},
                  403,
                  R"({"message":"Bad Request","details":"Forbidden: no","code":403})"},
        FaultCase{"NotFound",
                  {ErrorCode::NotFound, "node not found"},
                  404,
                  R"({"status":"404","message":"Object not Found","details":"NotFound: node not found","code":404})"},
        FaultCase{"UnknownUrl",
                  {ErrorCode::NotFound, ""},
                  404,
                  R"({"status":"404","message":"Object not Found","details":null,"code":404})"},
        FaultCase{"NotAllowed",
                  {ErrorCode::NotAllowed, "Method PATCH is not allowed"},
                  405,
                  R"({"message":"Bad Request","details":"Method PATCH is not allowed","code":405})"},
        FaultCase{"Conflict",
                  {ErrorCode::Conflict, "taken"},
                  409,
                  R"({"message":"Bad Request","details":"taken","code":409})"},
        FaultCase{
            "OverLimit",
            {ErrorCode::OverLimit, "Account has hit limit of 20 Load Balancers"},
            413,
            R"({"message":"Bad Request","details":"OverLimit: Account has hit limit of 20 Load Balancers","code":413})"},
        FaultCase{"TooLarge",
                  {ErrorCode::TooLarge, "Body too large"},
                  413,
                  R"({"message":"Bad Request","details":"Body too large","code":413})"},
        FaultCase{"WrongState",
                  {ErrorCode::Immutable, "Cannot modify"},
                  422,
                  R"({"message":"Bad Request","details":"ImmutableEntity: Cannot modify","code":422})"},
        FaultCase{"NoDevices",
                  {ErrorCode::Internal, "No devices available", "no spare device"},
                  500,
                  R"({"message":"Server error","details":"No devices available","code":500})"},
        FaultCase{"AnythingElse",
                  {ErrorCode::Internal, "Table 'lbaas.devices' is broken", "errno 126"},
                  500,
                  R"({"message":"Load Balancer Fault","details":null,"code":500})"},
        FaultCase{"Busy",
                  {ErrorCode::Unavailable, "The service is busy, try again"},
                  503,
                  R"({"message":"Load Balancer Fault","details":"The service is busy, try again","code":503})"}),
    [](const auto& row) { return row.param.name; });

TEST(TenantFault401, SaysHowToAuthenticate) {
  EXPECT_TRUE(tenantFault({ErrorCode::Unauthorized, "x"}).headers.has("WWW-Authenticate"));
}

TEST(TenantRefusal, TellsWhatTheHttpServerRefused) {
  const auto large = tenantRefusal(413);
  EXPECT_EQ(large.status, 413);
  EXPECT_EQ(large.body,
            R"({"message":"Bad Request","details":")" + std::string(http::reasonPhrase(413)) + R"(","code":413})");
  EXPECT_EQ(tenantRefusal(501).status, 501);
}

TEST(TenantRefusal, UsesNoStatusTheOldClientHasNoClassFor) {
  for (int status : {423, 429, 431, 451, 506, 507, 511}) EXPECT_EQ(tenantRefusal(status).status, 400) << status;
  for (int status : {400, 408, 413, 417, 422, 500, 505}) EXPECT_EQ(tenantRefusal(status).status, status);
}

}  // namespace
}  // namespace libra::api
