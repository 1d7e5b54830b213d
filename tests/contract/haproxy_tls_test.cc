// TLS towards clients and nodes, where HAProxy has ways of its own. (All else: tls_contract_test.cc.)

#include <algorithm>

#include "lib/base/files.h"
#include "tests/contract/driver_contract.h"
#include "tests/contract/haproxy_world.h"
#include "tests/contract/tls_peer.h"

namespace libra::sidecar {
namespace {

using namespace libra::test;

class HaproxyTls : public HaproxyWorld, protected TlsPeer {
 protected:
  HaproxyTls() { begin(a()); }
  Driver& tlsDriver() override { return *driver_; }
  std::uint16_t port(std::size_t which = 0) const override { return proxy_.port(which); }
  pid_t process() const override { return proxy_.pid(); }

  // Everything that waits for its time has been done.
  void settle() {
    for (int i = 0; i < 3; ++i) (void)driver_->tick();
  }
};

TEST_F(HaproxyTls, AChainIsExchangedEvenIfTheCertificateStays) {
  balancer_.tls->certificate.intermediates = certificates_.authority();
  becomes(Mechanism::Runtime);
  EXPECT_NE(ask("show ssl cert tls/t1.pem").find("Chain Subject"), std::string::npos);
  balancer_.tls->certificate.intermediates.clear();
  becomes(Mechanism::Runtime);
  EXPECT_EQ(ask("show ssl cert tls/t1.pem").find("Chain Subject"), std::string::npos);
}

TEST_F(HaproxyTls, AListenerThatWasLeftIsTakenByAnotherOnlyWhenItWasCleaned) {
  becomes(Mechanism::Runtime);
  auto other = aBalancer("16", proxy_.port(1), {b()});
  other.tls = aTermination(proxy_.port(3), certificates_.make("", "other"));
  becomes(Mechanism::Runtime, {other});
  EXPECT_EQ(shown(), shownAs(other.tls->certificate));
  EXPECT_NE(ask("show ssl cert tls/t1.pem").find(shownAs(balancer_.tls->certificate)), std::string::npos);
  settle();
  EXPECT_EQ(ask("show ssl cert tls/t1.pem").find(shownAs(balancer_.tls->certificate)), std::string::npos);
  EXPECT_EQ(shown(), shownAs(other.tls->certificate));
}

TEST_F(HaproxyTls, NothingIsLeftOfLoadBalancersThatHaveGone) {
  const auto stores = linesOf("show ssl cert"), authorities = linesOf("show ssl ca-file");
  for (int i = 0; i < 3; ++i) {
    balancer_.tls->certificate = certificates_.make();
    balancer_.tls->mappings = {certificates_.make("b.example"), certificates_.make("*.c.example")};
    balancer_.nodes[0].tls = true;
    balancer_.node_tls = {true, certificates_.authority(), "node.example"};
    becomes(Mechanism::Runtime);
    becomes(Mechanism::Runtime, {});
    EXPECT_EQ(shown(), "");
    settle();
    EXPECT_EQ(linesOf("show ssl cert"), stores);
    EXPECT_EQ(ask("show map certificate.map"), "");
  }
  EXPECT_LE(linesOf("show ssl ca-file"), authorities + 1) << "servers in quarantine need it, all of them the same";
}

TEST_F(HaproxyTls, AChainThatNoCommandCanCarryIsRefused) {
  const auto good = certificates_.make();
  std::string chain;
  while (chain.size() < 15'000) chain += good.certificate;
  expectRefused({"", good.certificate, chain, good.key}, "too long");
}

TEST_F(HaproxyTls, WhatSomebodyDidToACertificateIsRepairedAndTold) {
  balancer_.tls->mappings = {certificates_.make("b.example")};
  becomes(Mechanism::Runtime);
  const auto foreign = certificates_.make();
  auto socket = *haproxy::RuntimeSocket::open(proxy_.config().stats_socket, clock_);
  const Secret bundle(foreign.certificate + foreign.key.reveal());
  const auto run = [&](const std::string& command) { EXPECT_TRUE(socket.run({command})); };
  const auto repaired = [&](const std::string& thing) {
    const auto changed = apply(aDevice(generation_, {balancer_})).changed;
    EXPECT_NE(std::find(changed.begin(), changed.end(), thing), changed.end()) << thing;
    EXPECT_EQ(shown(), shownAs(balancer_.tls->certificate));
    EXPECT_EQ(shown("b.example"), shownAs(balancer_.tls->mappings[0]));
    becomes(Mechanism::None);
  };
  ASSERT_TRUE(socket.run("set ssl cert tls/t1.pem", bundle));
  run("commit ssl cert tls/t1.pem");
  EXPECT_EQ(shown(), shownAs(foreign));
  repaired("tls/t1.pem");
  run("del ssl crt-list tls/t1.list tls/t1/b.example");
  repaired("tls/t1/b.example");
  run("del ssl crt-list tls/t1.list tls/t1/b.example");
  run("del ssl cert tls/t1/b.example");
  repaired("tls/t1/b.example");
  run("del map certificate.map tls/t1/b.example");
  repaired("certificate.map tls/t1/b.example");
  ASSERT_TRUE(socket.run("set ssl cert tls/t7.pem", bundle)) << "a change that nobody ends";
  balancer_.tls->certificate = certificates_.make();
  becomes(Mechanism::Runtime);
  EXPECT_EQ(shown(), shownAs(balancer_.tls->certificate));
}

TEST_F(HaproxyTls, AColdStartServesTheSameCertificates) {
  balancer_.tls->mappings = {certificates_.make("*.b.example")};
  balancer_.nodes[0].tls = true;
  balancer_.node_tls = {true, certificates_.authority(), "node.example"};
  becomes(Mechanism::Runtime);
  const auto wanted = aDevice(generation_, {balancer_});
  ASSERT_TRUE(driver_->writeColdStart(wanted));
  proxy_.kill();
  proxy_.start();
  EXPECT_EQ(comparable(*driver_->live()), comparable(wanted));
  for (const bool whole : {false, true}) {
    EXPECT_EQ(shown(), shownAs(balancer_.tls->certificate)) << whole;
    EXPECT_EQ(shown("x.b.example"), shownAs(balancer_.tls->mappings[0])) << whole;
    if (!whole) expectTakenOver(wanted);
  }
}

TEST_F(HaproxyTls, KeysAreNoBodyElsesToRead) {
  becomes(Mechanism::Runtime);
  const auto key = balancer_.tls->certificate.key.reveal();
  const auto line = key.substr(key.find('\n', key.find('\n') + 1) + 1, 40);  // the first are alike
  const auto holds = [&](const std::filesystem::path& file) { return readFile(file)->find(line) != std::string::npos; };
  const auto wanted = aDevice(generation_, {balancer_});
  ASSERT_TRUE(driver_->writeColdStart(wanted));
  int holding = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(proxy_.config().directory)) {
    if (!file.is_regular_file() || !holds(file.path())) continue;
    ++holding;
    EXPECT_EQ(file.status().permissions() & std::filesystem::perms::others_all, std::filesystem::perms::none);
  }
  EXPECT_EQ(holding, 1);
  EXPECT_EQ(driver_->explain()->find(line), std::string::npos);
  EXPECT_EQ(proxy_.log().find(line), std::string::npos);

  ASSERT_TRUE(driver_->writeColdStart(aDevice(generation_, {})));
  for (const auto& file : std::filesystem::recursive_directory_iterator(proxy_.config().directory))
    EXPECT_FALSE(file.is_regular_file() && holds(file.path())) << "left on the disk: " << file.path();
}

}  // namespace
}  // namespace libra::sidecar
