// Jobs over verified TLS (design.md section 4), against real gearmands behind real fronts.

#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>

#include "lib/gear/client.h"
#include "lib/gear/tls_pipe.h"
#include "lib/gear/worker.h"
#include "tests/support/tls_files.h"
#include "tests/support/tls_gearmand.h"

namespace libra::test {
namespace {

using namespace std::chrono_literals;
using gear::Client;
using gear::TlsPipe;
using gear::Worker;

class GearmanTls : public testing::Test {
 protected:
  std::unique_ptr<TlsPipe> pipeTo(const std::vector<std::string>& servers) {
    auto pipe = TlsPipe::open(connectionTo(servers, controller_));
    if (!pipe) throw std::runtime_error(pipe.error().message);
    return *std::move(pipe);
  }

  std::unique_ptr<Worker> device(const std::vector<std::string>& servers, Worker::Handler handler) {
    auto worker = std::make_unique<Worker>(connectionTo(servers, device_), "device1", "device1", std::move(handler));
    if (auto started = worker->start(); !started) throw std::runtime_error(started.error().message);
    return worker;
  }

  static std::string echo(const std::string& payload) { return "<" + payload + ">"; }

  TempDir folder_;
  TestCa ca_{folder_.path()};
  tls::Files front_ = ca_.issue("front", {.dns = {"localhost"}, .ip = {"127.0.0.1"}, .uri = {"libra:jobserver"}});
  tls::Files controller_ = ca_.issue("controller", {.dns = {"controller"}, .uri = {"libra:controller"}});
  tls::Files device_ = ca_.issue("device1", {.dns = {"device1"}, .uri = {"libra:device:device1"}});
};

TEST_F(GearmanTls, CarriesAJobAndItsAnswer) {
  TlsGearmand jobs(front_);
  const auto pipe = pipeTo({jobs.server()});
  const auto worker = device({jobs.server()}, echo);
  Client client(*pipe, "controller");
  const auto answer = client.call("device1", "hello", 10s);
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(*answer, "<hello>");
}

}  // namespace
}  // namespace libra::test
