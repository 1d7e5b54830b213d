#pragma once

// What both APIs' tests expect of a reply.

#include <gtest/gtest.h>

#include <string>

#include "tests/support/api_world.h"

namespace libra::test {

// Equal as JSON: member order does not count.
inline void expectBody(const ApiReply& reply, int status, const std::string& wanted) {
  EXPECT_EQ(reply.status, status) << reply.text;
  const auto want = json::parse(wanted);
  ASSERT_TRUE(want) << wanted;
  EXPECT_TRUE(reply.body && json_equal(reply.body.raw(), want->raw())) << reply.text << "\nwant\n" << wanted;
}

inline void expectEmpty(const ApiReply& reply, int status) {
  EXPECT_EQ(reply.status, status) << reply.text;
  EXPECT_EQ(reply.text, "");
}

inline std::string mandatory(const std::string& name) {
  return "Invalid input for field/attribute " + name + ". Value: 'None'. Mandatory field missing.";
}

}  // namespace libra::test
