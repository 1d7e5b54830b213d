#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/child_process.h"
#include "tests/support/lab.h"

namespace libra::test {

// Tests of the whole Libra: one lab for the whole program, quiet and with a full pool
// when a test begins.
class LibraTest : public ::testing::Test {
 protected:
  static Lab& lab() {
    static Lab lab;
    return lab;
  }

  // A load balancer that serves, gone at the end of the test.
  std::string serving(const std::string& name, int nodes = 2, const std::string& members = {}) {
    made_.push_back(lab().create(name, nodes, members));
    EXPECT_TRUE(lab().becomes(made_.back(), "ACTIVE"));
    return made_.back();
  }
  void goesAtTheEnd(const std::string& lb) { made_.push_back(lb); }

  // Asks for a change, expects it to be accepted and waits until it is in force.
  void change(const std::string& lb, const std::string& method, const std::string& path, const std::string& body = {}) {
    const auto answer = lab().api(method, "/loadbalancers/" + lb + path, body);
    EXPECT_EQ(answer.status, 202) << method << " " << path << ": " << answer.body;
    EXPECT_TRUE(waitFor([&] { return lab().statusOf(lb) != "PENDING_UPDATE"; }, std::chrono::seconds(30)));
  }

  void SetUp() override {
    if (!lab().isUp()) lab().up();
    ASSERT_TRUE(lab().poolIsFull());
  }
  void TearDown() override {
    if (lab().isUp()) clear();
  }
  void clear() {
    for (const auto& lb : made_) {
      const auto askToGo = [&] { return lab().api("DELETE", "/loadbalancers/" + lb).status; };
      EXPECT_TRUE(waitFor([&] { return askToGo() != 422; }, std::chrono::seconds(30))) << "never settles";
      EXPECT_TRUE(lab().isGone(lb));
    }
    made_.clear();
  }

 private:
  std::vector<std::string> made_;
};

}  // namespace libra::test
