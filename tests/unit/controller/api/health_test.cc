#include "controller/api/health.h"

#include <gtest/gtest.h>

#include <future>

#include "tests/support/fake_clock.h"

namespace libra::api {
namespace {

using namespace std::chrono_literals;

class ReadinessTest : public ::testing::Test {
 protected:
  Readiness readiness() {
    return {clock_, {{"database", [this] { return ++asked_, database_; }}, {"job servers", [] { return ok(); }}}};
  }

  test::FakeClock clock_;
  Status database_ = ok();
  int asked_ = 0;
};

TEST_F(ReadinessTest, IsReadyWhenEveryCheckPasses) {
  auto ready = readiness();
  const auto answer = ready.answer();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"status":"ready"})");
}

TEST_F(ReadinessTest, NamesTheChecksThatFail) {
  database_ = Error{ErrorCode::Unavailable, "no server answers", "errno 2002"};
  auto ready = readiness();
  const auto answer = ready.answer();
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body, R"({"status":"not ready","failing":{"database":"no server answers"}})");
}

TEST_F(ReadinessTest, AsksAgainAfterFiveSeconds) {
  auto ready = readiness();
  EXPECT_EQ(ready.answer().status, 200);
  database_ = Error{ErrorCode::Unavailable, "gone"};
  clock_.advance(4'999ms);
  EXPECT_EQ(ready.answer().status, 200);
  EXPECT_EQ(asked_, 1);
  clock_.advance(1ms);
  EXPECT_EQ(ready.answer().status, 503);
  EXPECT_EQ(asked_, 2);
}

TEST_F(ReadinessTest, TellsTheLastVerdictWhileACheckHangs) {
  std::promise<void> begun, released;
  bool hang = false;
  Readiness ready(clock_, {{"slow", [&] {
                              if (hang) begun.set_value(), released.get_future().wait();
                              return ok();
                            }}});
  EXPECT_EQ(ready.answer().status, 200);
  clock_.advance(6s);
  hang = true;
  auto asking = std::async(std::launch::async, [&] { return ready.answer().status; });
  begun.get_future().wait();
  EXPECT_EQ(ready.answer().status, 200);
  released.set_value();
  EXPECT_EQ(asking.get(), 200);
}

}  // namespace
}  // namespace libra::api
