// The controller killed (-9) between a commit and the answer that the device has applied
// it, at moments chosen by what it has just said to its database or to the job server.

#include <iostream>

#include "tests/support/tcp_proxy.h"
#include "tests/system/libra_test.h"

namespace libra::test {
namespace {

class CrashTest : public LibraTest {
 protected:
  static void SetUpTestSuite() {
    lab().inside("ctl",
                 [] { database_ = std::make_unique<TcpProxy>(lab().path("mariadb/socket"), TcpProxy::Speaks::MySql); });
    lab().inside("jobs", [] { jobs_ = std::make_unique<TcpProxy>(4730, TcpProxy::Speaks::Gearman); });
    connect("127.0.0.1:" + std::to_string(database_->port()), std::to_string(jobs_->port()));
  }
  static void TearDownTestSuite() {
    connect("", "");
    database_.reset();
    jobs_.reset();
  }
  static void connect(const std::string& database, const std::string& gearmand_port) {
    lab().set("LIBRA_DATABASE", database);
    lab().set("LIBRA_GEARMAND_PORT", gearmand_port);
    lab().kill("controller");
    lab().kill("job-front");
    lab().up();
  }

  // Kills the controller by `plan` while it creates a load balancer, and starts it again.
  // The status it had at the death.
  std::string createAndDie(TcpProxy& proxy, TcpProxy::Plan plan, const std::string& name) {
    plan.meanwhile = [] { lab().kill("controller"); };
    proxy.arm(std::move(plan));
    try {
      lab().create(name);
    } catch (const std::runtime_error&) {  // it died before it could answer
    }
    EXPECT_TRUE(waitFor([&] { return proxy.hasCut(); }));
    const auto status = lab().sql("SELECT status FROM load_balancers WHERE name = '" + name + "'");
    lab().up();
    return status;
  }

  void expectServedOnce(const std::string& name) {
    const auto lb = lab().sql("SELECT id FROM load_balancers WHERE name = '" + name + "'");
    ASSERT_TRUE(!lb.empty() && lb.find('\n') == std::string::npos) << "made " << lb;
    goesAtTheEnd(lb);
    ASSERT_TRUE(lab().becomes(lb, "ACTIVE"));
    const auto vip = lab().vipOf(lb);
    EXPECT_EQ(lab().sql("SELECT COUNT(*) FROM vips WHERE device IS NOT NULL"), "1");
    EXPECT_EQ(lab().sql("SELECT COUNT(*) FROM devices WHERE status <> 'OFFLINE'"), "1");
    std::string holders;
    for (const auto& device : lab().devices())
      if (shell("ip -n " + lab().netns(device) + " -o address").find(" " + vip + "/") != std::string::npos)
        holders += device;
    EXPECT_EQ(holders, lab().deviceOf(lb));
    EXPECT_NE(lab().running(lab().deviceOf(lb)).find(vip), std::string::npos);
    EXPECT_TRUE(lab().isServedBy(vip, "node1 node2"));
  }

  static inline std::unique_ptr<TcpProxy> database_, jobs_;
};

// The n-th message to the database after the COMMIT of the request, for each n until the
// device's answer has been stored.
TEST_F(CrashTest, AtAnyMessageToTheDatabaseAfterTheCommit) {
  int unfinished = 0;
  for (int message = 1;; ++message) {
    const auto name = "database-" + std::to_string(message);
    SCOPED_TRACE(name);
    const auto cut = message % 2 == 0 ? TcpProxy::Cut::Before : TcpProxy::Cut::After;
    const auto status = createAndDie(*database_, {.from = {name, "COMMIT"}, .message = message, .cut = cut}, name);
    expectServedOnce(name);
    clear();
    if (HasFatalFailure() || HasNonfatalFailure() || status != "BUILD") break;
    ASSERT_TRUE(lab().poolIsFull());
    ++unfinished;
  }
  std::cout << "  killed at " << unfinished << " messages between the commit and the stored answer\n";
  EXPECT_GE(unfinished, 8);
}

// What is in a job is sealed; that there is one is seen by its packet's head: REQ, SUBMIT_JOB.
const std::string kSubmitJob("\0REQ\0\0\0\x07", 8);

TEST_F(CrashTest, WhileTheJobServerHasTheJob) {
  const struct {
    const char* name;
    int message;  // 0: the job; then what the device says
    TcpProxy::Cut cut;
  } moments[] = {{"not-sent", 0, TcpProxy::Cut::Before},       {"on-its-way", 0, TcpProxy::Cut::AtOnce},
                 {"accepted", 0, TcpProxy::Cut::After},        {"fetched", 1, TcpProxy::Cut::AtOnce},
                 {"device-cut-off", 1, TcpProxy::Cut::Before}, {"device-answers", 2, TcpProxy::Cut::Before}};
  for (const auto& [name, message, cut] : moments) {
    SCOPED_TRACE(name);
    EXPECT_EQ(createAndDie(*jobs_, {.from = {kSubmitJob}, .message = message, .cut = cut}, name), "BUILD");
    expectServedOnce(name);
    clear();
    ASSERT_TRUE(lab().poolIsFull());
  }
}

}  // namespace
}  // namespace libra::test
