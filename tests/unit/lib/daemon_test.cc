#include "lib/daemon/daemon.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <fstream>

#include "lib/daemon/listen_fds.h"
#include "lib/daemon/sd_notify.h"
#include "lib/daemon/signals.h"

namespace libra::daemon {
namespace {

using testing::HasSubstr;

class Environment {
 public:
  Environment(const char* name, const std::string& value) : name_(name) { ::setenv(name, value.c_str(), 1); }
  ~Environment() { ::unsetenv(name_); }

 private:
  const char* name_;
};

struct Outcome {
  int code;
  std::string out, err;
};

class DaemonMain : public testing::Test {
 protected:
  DaemonMain() {
    char name[] = "/tmp/libra-daemon-XXXXXX";
    ::close(::mkstemp(name));
    path_ = name;
    write("[log]\nlevel = \"info\"\n");
    program_ = {.name = "libra-test",
                .about = "Tests",
                .default_config = "",
                .read =
                    [this](config::File& file) {
                      level_ = file.section("log").text("level");
                      return ok();
                    },
                .check = [this] { return check_; },
                .log_level = [this] { return level_; },
                .run = [this] { return ++runs_, 0; },
                .actions = {{"make-tea", "makes tea", [] { return 7; }}}};
  }
  ~DaemonMain() override { ::unlink(path_.c_str()); }

  void write(const std::string& content) { std::ofstream(path_) << content; }

  Outcome call(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "libra-test");
    std::vector<char*> argv;
    for (auto& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int code = daemon::main(static_cast<int>(arguments.size()), argv.data(), program_);
    const auto out = testing::internal::GetCapturedStdout();
    return {code, out, testing::internal::GetCapturedStderr()};
  }

  std::string path_;
  std::string level_;
  Status check_ = ok();
  int runs_ = 0;
  Program program_;
};

TEST_F(DaemonMain, RunsWithItsSettings) {
  EXPECT_EQ(call({"--config", path_}).code, 0);
  EXPECT_EQ(runs_, 1);
  EXPECT_EQ(level_, "info");
}

TEST_F(DaemonMain, UsesTheDefaultConfigWithoutAnArgument) {
  program_.default_config = path_;
  EXPECT_EQ(call({}).code, 0);
  EXPECT_EQ(runs_, 1);
}

TEST_F(DaemonMain, RefusesWrongArguments) {
  for (const auto& arguments : std::vector<std::vector<std::string>>{
           {}, {"--config"}, {"--nonsense", "--config", path_}, {"--config", path_, "extra"}}) {
    const auto outcome = call(arguments);
    EXPECT_EQ(outcome.code, 2);
    EXPECT_THAT(outcome.err, HasSubstr("libra-test"));
  }
  EXPECT_EQ(runs_, 0);
}

TEST_F(DaemonMain, TellsAllProblemsOfTheSettings) {
  write("[log]\nlevel = 1\ncolour = \"red\"\n");
  const auto outcome = call({"--config", path_});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_EQ(outcome.err,
            path_ + ":2: log.level: must be a text, not an integer\n" + path_ + ":3: log.colour: unknown key\n");
  EXPECT_EQ(runs_, 0);
}

TEST_F(DaemonMain, RefusesAnUnknownLogLevel) {
  write("[log]\nlevel = \"loud\"\n");
  EXPECT_THAT(call({"--config", path_}).err, HasSubstr("unknown log level 'loud'"));
}

TEST_F(DaemonMain, ChecksTheSettingsWithoutRunning) {
  const auto fine = call({"--check-config", "--config", path_});
  EXPECT_EQ(fine.code, 0);
  EXPECT_EQ(fine.out, path_ + ": fine\n");
  check_ = Error{ErrorCode::Invalid, "certificate expired"};
  const auto broken = call({"--check-config", "--config", path_});
  EXPECT_EQ(broken.code, 2);
  EXPECT_EQ(broken.err, path_ + ": certificate expired\n");
  EXPECT_EQ(runs_, 0);
}

TEST_F(DaemonMain, RunsAnActionInsteadOfItself) {
  EXPECT_EQ(call({"--make-tea", "--config", path_}).code, 7);
  EXPECT_EQ(runs_, 0);
}

TEST_F(DaemonMain, PrintsHelpAndVersionWithoutSettings) {
  EXPECT_THAT(call({"--help"}).out, HasSubstr("--make-tea"));
  EXPECT_EQ(call({"--version"}).out, std::string("libra-test ") + version() + "\n");
}

TEST_F(DaemonMain, ReturnsTheExitCodeOfRun) {
  program_.run = [] { return 1; };
  EXPECT_EQ(call({"-c", path_}).code, 1);
}

TEST(ListenFds, AreForTheProcessNamedOnly) {
  const Environment pid("LISTEN_PID", std::to_string(::getpid() + 1));
  const Environment count("LISTEN_FDS", "1");
  EXPECT_TRUE(takeListenFds().empty());
  EXPECT_EQ(std::getenv("LISTEN_FDS"), nullptr);
}

TEST(ListenFds, NonsenseIsNone) {
  for (const char* text : {"", "x", "1x", "-4", "99999999999999", "2000000000"}) {
    const Environment pid("LISTEN_PID", std::to_string(::getpid()));
    const Environment count("LISTEN_FDS", text);
    EXPECT_TRUE(takeListenFds().empty()) << text;
  }
}

// In a process of its own: descriptor 3 belongs to the test runner here.
TEST(ListenFdsDeathTest, AreTakenOnceAndCloseOnExec) {
  EXPECT_EXIT(
      {
        ::dup2(::open("/dev/null", O_RDONLY), 3);
        const Environment pid("LISTEN_PID", std::to_string(::getpid()));
        const Environment count("LISTEN_FDS", "1");
        const bool taken = takeListenFds() == std::vector<int>{3} && ::fcntl(3, F_GETFD) == FD_CLOEXEC;
        std::_Exit(taken && takeListenFds().empty() ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

// A service manager's end of NOTIFY_SOCKET, in the abstract name space.
class Manager {
 public:
  Manager()
      : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)), name_("libra-notify-" + std::to_string(::getpid())) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    name_.copy(address.sun_path + 1, name_.size());
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name_.size());
    EXPECT_EQ(::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), length), 0);
  }
  std::string path() const { return "@" + name_; }
  std::string next() {
    char text[256];
    const auto length = ::recv(fd_.get(), text, sizeof text, 0);
    return length < 0 ? "" : std::string(text, static_cast<std::size_t>(length));
  }

 private:
  Fd fd_;
  std::string name_;
};

TEST(Notify, WithoutAManagerNothingHappens) { EXPECT_TRUE(notifyReady()); }

TEST(Notify, TellsTheManager) {
  Manager manager;
  const Environment socket("NOTIFY_SOCKET", manager.path());
  EXPECT_TRUE(notifyReady());
  EXPECT_EQ(manager.next(), "READY=1");
  EXPECT_TRUE(notifyStatus("3 spares\nREADY=1"));
  EXPECT_EQ(manager.next(), "STATUS=3 spares READY=1");
}

TEST(Notify, SaysWhenTheManagerCannotBeTold) {
  for (const std::string& path : {std::string("@libra-nobody-listens"), std::string("/"), std::string(200, 'x')}) {
    const Environment socket("NOTIFY_SOCKET", path);
    EXPECT_FALSE(notifyReady()) << path;
  }
}

TEST(Watchdog, IsAliveWhileTheLoopTurns) {
  Manager manager;
  const Environment socket("NOTIFY_SOCKET", manager.path());
  const Environment period("WATCHDOG_USEC", "10000");
  EventLoop loop;
  const Watchdog watchdog(loop);
  Timer stop(loop, [&] { loop.stop(); });
  stop.once(Millis(20));
  loop.run();
  EXPECT_EQ(manager.next(), "WATCHDOG=1");
}

TEST(Watchdog, OfAnotherProcessIsNotOurs) {
  const Environment period("WATCHDOG_USEC", "2000");
  EXPECT_EQ(watchdogPeriod(), std::chrono::microseconds(2000));
  const Environment pid("WATCHDOG_PID", std::to_string(::getpid() + 1));
  EXPECT_FALSE(watchdogPeriod());
}

TEST(Signals, AreLedToTheLoop) {
  EventLoop loop;
  int stops = 0, reloads = 0;
  const Signals signals(
      loop,
      [&] {
        if (++stops == 2) loop.stop();
      },
      [&] {
        ++reloads;
        std::raise(SIGTERM);
      });
  loop.post([] { std::raise(SIGHUP); });
  loop.post([] { std::raise(SIGINT); });
  loop.run();
  EXPECT_EQ(stops, 2);
  EXPECT_EQ(reloads, 1);
}

}  // namespace
}  // namespace libra::daemon
