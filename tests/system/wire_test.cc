// What somebody sees who listens on the job server's wire.

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/system/libra_test.h"

namespace libra::test {
namespace {

using WireTest = LibraTest;

TEST_F(WireTest, NothingCrossesItInClear) {
  const std::string capture = lab().path("wire.pcap"), marker = "MARKER-in-a-name";
  ChildProcess tcpdump(
      {"nsenter", "--net=/run/netns/" + lab().netns("jobs"), "tcpdump", "-i", "eth0", "-U", "-w", capture},
      lab().path("tcpdump.log"));
  ASSERT_TRUE(waitFor([&] { return tcpdump.output().find("listening on") != std::string::npos; }));
  const auto read = [&] {
    std::ostringstream all;
    all << std::ifstream(capture).rdbuf();
    return all.str();
  };
  const auto lb = serving(marker);
  change(lb, "PUT", "/healthmonitor",
         R"({"type":"HTTP","delay":5,"timeout":5,"attemptsBeforeDeactivation":2,"path":"/)" + marker + R"("})");
  const std::string kApplicationData = "\x17\x03\x03";  // TLS record
  ASSERT_TRUE(waitFor([&] { return read().find(kApplicationData) != std::string::npos; }));
  tcpdump.kill();
  const auto seen = read();
  for (const auto& clear : {marker, std::string("hpcs_action"), lab().vipOf(lb), lab().deviceOf(lb)})
    EXPECT_EQ(seen.find(clear), std::string::npos) << clear;
}

}  // namespace
}  // namespace libra::test
