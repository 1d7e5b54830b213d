#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

extern "C" {
#include "modules/nginx/core/libra_store.h"
}

namespace {

libra_address_t loopback(std::uint16_t port) {
  libra_address_t address;
  libra_address_parse(&address, ("127.0.0.1:" + std::to_string(port)).c_str());
  return address;
}

// A listener on a free port; `address` is then its.
int listenSomewhere(libra_address_t& address) {
  libra_error_t error;
  for (int attempt = 0; attempt < 50; ++attempt) {
    address = loopback(static_cast<std::uint16_t>(20000 + ::rand() % 12000));
    if (const int fd = libra_listen(&address, &error); fd != -1) return fd;
  }
  return -1;
}

class Store : public ::testing::Test {
 protected:
  Store() { EXPECT_EQ(libra_store_create(&store_), 0); }
  ~Store() override {
    ::close(store_.reader);
    ::close(store_.writer);
  }
  libra_store_t store_{};
  libra_sockets_t sockets_{};
};

TEST_F(Store, IsEmptyAtFirst) {
  ASSERT_EQ(libra_store_peek(&store_, &sockets_), 0);
  EXPECT_EQ(sockets_.n, 0);
  EXPECT_EQ(libra_store_seq(&store_), 0U);
}

TEST_F(Store, KeepsListenersWhoseProcessDied) {
  const pid_t child = ::fork();
  if (child == 0) {
    libra_address_t address;
    sockets_.text.seq = 5;
    libra_sockets_add(&sockets_, "web", listenSomewhere(address));
    ::_exit(libra_store_replace(&store_, &sockets_) == 0 ? 0 : 1);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  ASSERT_EQ(status, 0);

  for (int i = 0; i < 2; ++i) {  // a look takes nothing away
    ASSERT_EQ(libra_store_peek(&store_, &sockets_), 0);
    EXPECT_EQ(libra_store_seq(&store_), 5U);
    ASSERT_EQ(sockets_.n, 1);
    sockaddr_in bound{};
    socklen_t size = sizeof bound;
    EXPECT_EQ(::getsockname(libra_sockets_find(&sockets_, "web"), reinterpret_cast<sockaddr*>(&bound), &size), 0);
    EXPECT_EQ(libra_sockets_find(&sockets_, "we"), -1);
    libra_sockets_close(&sockets_);
  }
}

TEST_F(Store, AReplacementIsWholeAndClosesWhatItLeavesOut) {
  libra_address_t address;
  libra_sockets_add(&sockets_, "gone", listenSomewhere(address));
  ASSERT_EQ(libra_store_replace(&store_, &sockets_), 0);
  libra_sockets_close(&sockets_);

  libra_sockets_t none{};
  none.text.seq = 2;
  ASSERT_EQ(libra_store_replace(&store_, &none), 0);
  EXPECT_EQ(libra_store_seq(&store_), 2U);
  libra_error_t error;
  const int fd = libra_listen(&address, &error);  // the port is free again
  EXPECT_NE(fd, -1);
  ::close(fd);
}

TEST(Listener, OfAnAddressTheMachineHasNotYetIsPossible) {
  libra_address_t address;
  libra_error_t error;
  ASSERT_EQ(libra_address_parse(&address, "192.0.2.77:8080"), 0);
  const int fd = libra_listen(&address, &error);
  ASSERT_NE(fd, -1) << error.text;
  EXPECT_EQ(libra_check_listener(fd, &address, &error), 0);
  ::close(fd);
}

TEST(Listener, HandedInMustListenOnItsAddress) {
  libra_address_t address;
  libra_error_t error;
  const int fd = listenSomewhere(address);
  ASSERT_NE(fd, -1);
  EXPECT_EQ(libra_check_listener(fd, &address, &error), 0);

  auto other = loopback(1);
  EXPECT_EQ(libra_check_listener(fd, &other, &error), -1);
  EXPECT_EQ(error.status, 400);
  EXPECT_EQ(libra_check_listener(0, &address, &error), -1);

  ::close(fd);

  const int stranger = ::socket(AF_INET, SOCK_STREAM, 0);  // shares its port with nobody
  ASSERT_EQ(::bind(stranger, &address.sockaddr.any, libra_socklen(&address.sockaddr)), 0);
  EXPECT_EQ(libra_listen(&address, &error), -1);
  EXPECT_EQ(error.status, 409);
  ::close(stranger);

  const int datagram = ::socket(AF_INET, SOCK_DGRAM, 0);
  ASSERT_EQ(::bind(datagram, &address.sockaddr.any, libra_socklen(&address.sockaddr)), 0);
  EXPECT_EQ(libra_check_listener(datagram, &address, &error), -1);
  ::close(datagram);
}

}  // namespace
