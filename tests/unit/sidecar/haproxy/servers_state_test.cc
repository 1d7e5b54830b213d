#include "sidecar/haproxy/servers_state.h"

#include <gtest/gtest.h>

namespace libra::sidecar::haproxy {
namespace {

const std::string kHead =
    "1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight "
    "srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state "
    "bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr "
    "srv_agent_addr srv_agent_port\n";

// A server of 10.0.0.1:80, weight 3, in this state and with these administrative flags.
std::string line(const std::string& backend, const std::string& name, const std::string& states,
                 const std::string& address = "10.0.0.1") {
  return "2 " + backend + " 1 " + name + " " + address + " " + states + " 3 1 20 6 3 4 6 0 0 0 - 80 - 0 0 - - 0\n";
}

ServerState is(Admin admin, bool up) { return {{*NetAddress::parse("10.0.0.1"), 80, 3, admin, false}, up}; }

TEST(ServersState, TellsADrainFromAFailedCheck) {
  const auto read =
      parseServersState(kHead + line("b", "down", "0 8") + line("b", "up", "2 8") + line("b", "out", "0 1") +
                        line("c", "byConfig", "0 5") + line("c", "ready", "2 4") + line("c", "starting", "1 0"));
  ASSERT_TRUE(read);
  EXPECT_EQ(
      *read,
      (ServerStates{
          {"b",
           {{"down", is(Admin::Drain, false)}, {"up", is(Admin::Drain, true)}, {"out", is(Admin::Maintenance, false)}}},
          {"c",
           {{"byConfig", is(Admin::Maintenance, false)},
            {"ready", is(Admin::Ready, true)},
            {"starting", is(Admin::Ready, true)}}}}));
}

TEST(ServersState, TellsWhereAServerIs) {
  const auto read = parseServersState(kHead + line("b", "six", "2 0", "fd77::2") + line("b", "none", "2 0", "-"));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->at("b").at("six").server.address, *NetAddress::parse("fd77::2"));
  EXPECT_EQ(read->at("b").at("none").server.address, NetAddress());
}

TEST(ServersState, WithoutServersIsEmpty) { EXPECT_EQ(parseServersState(kHead)->size(), 0u); }

TEST(ServersState, RefusesWhatItDoesNotKnow) {
  for (const auto& answer :
       {std::string(), std::string("1"), std::string("2\n") + kHead.substr(2), std::string("1\n# be_name be_id\n"),
        kHead.substr(0, kHead.find(" srvrecord") - 4), kHead + line("b", "n1", "up 8"), kHead + "2 b 1 n1\n"})
    EXPECT_FALSE(parseServersState(answer)) << answer;
}

}  // namespace
}  // namespace libra::sidecar::haproxy
