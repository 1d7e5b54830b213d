#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>

#include "sidecar/haproxy/runtime_socket.h"
#include "tests/support/device_states.h"
#include "tests/support/haproxy_process.h"
#include "tests/support/tiny_backend.h"

namespace libra::test {

using Names = std::set<std::string>;

// A driver with a real HAProxy and three back ends, "a", "b" and "c".
class HaproxyWorld : public testing::Test {
 protected:
  HaproxyWorld() : driver_(*sidecar::makeDriver("haproxy", proxy_.config(), clock_)) {}

  sidecar::Applied apply(const protocol::DeviceState& wanted) {
    auto applied = driver_->apply(wanted);
    EXPECT_TRUE(applied) << applied.error().message << ": " << applied.error().detail;
    return applied ? *applied : sidecar::Applied{};
  }

  // The names of the back ends that answer `count` connections.
  Names answering(int count = 8, std::size_t which = 0) {
    Names names;
    for (int i = 0; i < count; ++i) names.insert(httpGet(proxy_.port(which)).firstLine());
    return names;
  }

  // After a crash what is in use serves; a process with every slot takes over from that one.
  void expectTakenOver(const protocol::DeviceState& wanted) {
    const auto before = *driver_->live();
    const auto applied = apply(wanted);
    EXPECT_EQ(applied.mechanism, sidecar::Mechanism::BlueGreen);
    EXPECT_EQ(applied.changed, std::vector<std::string>{"process"});
    EXPECT_EQ(*driver_->live(), before);
    EXPECT_EQ(apply(wanted).mechanism, sidecar::Mechanism::None);
  }

  // What HAProxy answers on its stats socket.
  std::string ask(const std::string& command) {
    auto socket = sidecar::haproxy::RuntimeSocket::open(proxy_.config().stats_socket, clock_);
    const auto answers = socket->run({command});
    return answers ? answers->front() : answers.error().detail;
  }

  std::size_t linesOf(const std::string& command) {
    const auto answer = ask(command);
    return static_cast<std::size_t>(std::count(answer.begin(), answer.end(), '\n'));
  }

  protocol::NodeState a() const { return aNode("501", first_.port()); }
  protocol::NodeState b() const { return aNode("502", second_.port()); }
  protocol::NodeState c() const { return aNode("503", third_.port()); }

  SystemClock clock_;
  HaproxyProcess proxy_;
  TinyBackend first_{"a"}, second_{"b"}, third_{"c"};
  std::unique_ptr<sidecar::Driver> driver_;
};

}  // namespace libra::test
