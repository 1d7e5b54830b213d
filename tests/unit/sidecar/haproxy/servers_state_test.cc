#include "sidecar/haproxy/servers_state.h"

#include <gtest/gtest.h>

namespace libra::sidecar::haproxy {
namespace {

const std::string kHead = "1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight\n";

TEST(ServersState, TellsADrainFromAFailedCheck) {
  const auto read = parseServersState(kHead +
                                      "2 b 1 down 127.0.0.1 0 8 3\n2 b 2 up ::1 2 8 3\n2 b 3 out - 0 1 3\n"
                                      "3 c 1 byConfig - 0 5 3\n3 c 2 ready - 2 4 3\n3 c 3 starting - 1 0 3\n");
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, (Operations{{{"b", "down"}, {Admin::Drain, false}},
                               {{"b", "up"}, {Admin::Drain, true}},
                               {{"b", "out"}, {Admin::Maintenance, false}},
                               {{"c", "byConfig"}, {Admin::Maintenance, false}},
                               {{"c", "ready"}, {Admin::Ready, true}},
                               {{"c", "starting"}, {Admin::Ready, true}}}));
}

TEST(ServersState, WithoutServersIsEmpty) { EXPECT_EQ(parseServersState(kHead)->size(), 0u); }

TEST(ServersState, RefusesWhatItDoesNotKnow) {
  for (const auto& answer :
       {std::string(), std::string("1"), std::string("2\n") + kHead.substr(2), std::string("1\n# be_name be_id\n"),
        kHead + "2 b 1 n1 127.0.0.1 up 8 3\n", kHead + "2 b 1 n1\n"})
    EXPECT_FALSE(parseServersState(answer)) << answer;
}

}  // namespace
}  // namespace libra::sidecar::haproxy
