#include "lib/base/host_port.h"

#include <gtest/gtest.h>

namespace libra {
namespace {

TEST(HostPorts, AreReadAndWrittenBack) {
  for (const char* text : {"127.0.0.1:0", "localhost:80", "db-1.example:65535", "[::1]:8443"}) {
    const auto parsed = HostPort::parse(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(parsed->str(), text);
  }
  EXPECT_EQ(HostPort::parse("[::1]:8443")->host, "::1");
  EXPECT_EQ(HostPort::parse("[::1]:8443")->port, 8443);
}

TEST(HostPorts, AreRefusedWhenTheFormIsWrong) {
  for (const char* text : {"", ":", "host", "host:", ":80", "::1:80", "[::1]", "[::1]80", "[1.2.3.4]:80", "[]:80",
                           "host:65536", "host:-1", "host:+1", "host: 1", "host:8x", "ho st:80", "a/b:80"})
    EXPECT_FALSE(HostPort::parse(text)) << text;
}

}  // namespace
}  // namespace libra
