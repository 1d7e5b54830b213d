#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/provider/make_provider.h"
#include "controller/provider/netns_message.h"
#include "controller/provider/netns_provider.h"

namespace libra::provider {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::unique_ptr<service::Provider> made(const Config& config) {
  auto provider = makeProvider(config);
  EXPECT_TRUE(provider) << provider.error().message;
  return *std::move(provider);
}

TEST(Provider, OfAnUnknownKindIsRefused) {
  const auto provider = makeProvider({.kind = "novel"});
  ASSERT_FALSE(provider);
  EXPECT_EQ(provider.error().message, "unknown provider 'novel', want netns, static or noop");
}

TEST(Provider, NetnsNeedsASocket) { EXPECT_FALSE(makeProvider({.kind = "netns"})); }

TEST(NoopProvider, RemembersNamesOnly) {
  const auto provider = made({.kind = "noop", .zone = "z1"});
  EXPECT_TRUE(provider->canBuild());
  const auto device = provider->build({"a"});
  ASSERT_TRUE(device);
  EXPECT_EQ(device->name, "a");
  EXPECT_EQ(device->zone, "z1");
  EXPECT_TRUE(provider->fence("a"));
  EXPECT_THAT(*provider->list(), ElementsAre("a"));
  EXPECT_TRUE(provider->destroy("a"));
  EXPECT_TRUE(provider->destroy("a"));
  EXPECT_THAT(*provider->list(), IsEmpty());
}

TEST(StaticProvider, HasTheMachinesOfTheSettings) {
  model::NewDevice machine;
  machine.name = "lb1";
  machine.address = "10.0.0.1";
  const auto provider = made({.kind = "static", .devices = {machine}});
  EXPECT_FALSE(provider->canBuild());
  EXPECT_THAT(*provider->list(), ElementsAre("lb1"));
  EXPECT_EQ(provider->build({"lb1"})->address, "10.0.0.1");
  EXPECT_EQ(provider->build({"lb2"}).error().code, ErrorCode::NotFound);
  EXPECT_TRUE(provider->destroy("lb1"));
  EXPECT_THAT(*provider->list(), ElementsAre("lb1"));
  EXPECT_FALSE(provider->fence("lb1"));
}

TEST(NetnsProvider, SaysThatItsHelperIsNotThere) {
  NetnsProvider provider({.socket = "/nonexistent/helper.sock", .zone = ""});
  const auto names = provider.list();
  ASSERT_FALSE(names);
  EXPECT_EQ(names.error().code, ErrorCode::Unavailable);
  EXPECT_THAT(names.error().detail, HasSubstr("/nonexistent/helper.sock: No such file or directory"));
}

TEST(DeviceName, IsShortLowerCaseAndNoPath) {
  for (const char* good : {"a", "lb-0f3a", "9"}) EXPECT_TRUE(netns::isDeviceName(good)) << good;
  for (const char* bad : {"", "-a", "A", "a/b", "..", "a.b", "a b", "a\n"})
    EXPECT_FALSE(netns::isDeviceName(bad)) << bad;
  EXPECT_TRUE(netns::isDeviceName(std::string(40, 'a')));
  EXPECT_FALSE(netns::isDeviceName(std::string(41, 'a')));
}

TEST(NetnsMessage, IsReadAsItWasWritten) {
  const auto request = netns::readRequest(netns::write(netns::Request{"build", "lb-1"}));
  ASSERT_TRUE(request);
  EXPECT_EQ(request->action, "build");
  EXPECT_EQ(request->name, "lb-1");
  const auto answer = netns::readAnswer(netns::write(netns::Answer{"no \"room\"\n", "10.0.0.1", {"a", "b"}}));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->error, "no \"room\"\n");
  EXPECT_EQ(answer->address, "10.0.0.1");
  EXPECT_THAT(answer->names, ElementsAre("a", "b"));
}

TEST(NetnsMessage, OtherRequestsAreRefused) {
  for (const char* line :
       {"", "{", "[]", "{}", R"({"action":"list","name":"a"}x)", R"({"action":"format","name":"a"})",
        R"({"action":"build"})", R"({"action":"destroy","name":"../a"})", R"({"action":"build","name":7})"})
    EXPECT_FALSE(netns::readRequest(line)) << line;
}

TEST(NetnsMessage, OtherAnswersAreRefused) {
  for (const char* line : {"", "7", "{}", R"({"error":""})", R"({"names":[]})", R"({"error":7,"names":[]})"})
    EXPECT_FALSE(netns::readAnswer(line)) << line;
}

}  // namespace
}  // namespace libra::provider
