#include "sidecar/haproxy/runtime_socket.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <thread>

#include "sidecar/haproxy/words.h"
#include "tests/support/temp_dir.h"

namespace libra::sidecar::haproxy {
namespace {

using std::chrono::milliseconds;

// Answers "prompt" as HAProxy does, then each line with the given bytes; closes afterwards
// or, told to hang, keeps silent until its client has gone.
class FakeHaproxy {
 public:
  FakeHaproxy(std::vector<std::string> answers, bool hang = false)
      : listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path().copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listener_.get(), 1), 0);
    thread_ = std::thread([this, answers = std::move(answers), hang] { serve(answers, hang); });
  }
  ~FakeHaproxy() { thread_.join(); }

  std::string path() const { return directory_ / "sock"; }

 private:
  void serve(const std::vector<std::string>& answers, bool hang) {
    const Fd client(::accept(listener_.get(), nullptr, nullptr));
    readLine(client.get());
    ::send(client.get(), "\n> ", 3, MSG_NOSIGNAL);
    for (const auto& answer : answers) {
      if (readLine(client.get()).empty()) return;
      ::send(client.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
    }
    if (hang) readLine(client.get()), readLine(client.get());
  }

  static std::string readLine(int fd) {
    std::string line;
    char c = 0;
    while (::recv(fd, &c, 1, 0) == 1 && c != '\n') line += c;
    return line;
  }

  test::TempDir directory_;
  Fd listener_;
  std::thread thread_;
};

Result<std::vector<std::string>> ask(const FakeHaproxy& haproxy, const std::vector<std::string>& commands,
                                     milliseconds patience = milliseconds(5'000)) {
  static const SystemClock kClock;
  auto socket = RuntimeSocket::open(haproxy.path(), kClock, patience);
  if (!socket) return socket.error();
  return socket->run(commands);
}

using Answers = std::vector<std::string>;

TEST(RuntimeSocket, GivesEachCommandOfALineItsOwnAnswer) {
  FakeHaproxy haproxy({"New server registered.\n\n> \n> No such server.\n> "});
  const auto answers = ask(haproxy, {"add server a/b", "enable health a/b", "del server a/c"});
  ASSERT_TRUE(answers) << answers.error().detail;
  EXPECT_EQ(*answers, (Answers{"New server registered.", "", "No such server."}));
}

TEST(RuntimeSocket, KeepsLinesShortAndOrder) {
  const std::string command(kLongestCommand - 10, 'x');
  FakeHaproxy haproxy({"one\n> ", "two\n> "});
  const auto answers = ask(haproxy, {command, command});
  ASSERT_TRUE(answers) << answers.error().detail;
  EXPECT_EQ(*answers, (Answers{"one", "two"}));
}

struct Broken {
  const char* name;
  Answers answers;
  bool hang;
};

class BrokenProxy : public testing::TestWithParam<Broken> {};

TEST_P(BrokenProxy, IsAnErrorNeverAGuess) {
  FakeHaproxy haproxy(GetParam().answers, GetParam().hang);
  const auto answers = ask(haproxy, {"show info", "show stat"}, milliseconds(200));
  ASSERT_FALSE(answers);
  EXPECT_EQ(answers.error().code, ErrorCode::Unavailable);
}

INSTANTIATE_TEST_SUITE_P(Answers, BrokenProxy,
                         testing::Values(Broken{"Silence", {}, true}, Broken{"HalfAnAnswer", {"a\n> b"}, true},
                                         Broken{"Garbage", {std::string("\0\xff> >\n>", 7)}, true},
                                         Broken{"Closed", {}, false}, Broken{"ClosedInBetween", {"a\n> b\n"}, false},
                                         Broken{"MoreAnswersThanCommands", {"a\n> b\n> c\n> "}, false}),
                         [](const auto& row) { return row.param.name; });

TEST(RuntimeSocket, RefusesAnAnswerWithoutEnd) {
  FakeHaproxy haproxy({std::string(17 << 20, 'x')}, true);
  const auto answers = ask(haproxy, {"show stat"}, milliseconds(60'000));
  ASSERT_FALSE(answers);
  EXPECT_NE(answers.error().detail.find("without end"), std::string::npos) << answers.error().detail;
}

TEST(RuntimeSocket, SendsNothingThatIsMoreThanOneCommandLine) {
  for (const std::string& command : {std::string(), std::string("a\nb"), std::string(kLongestCommand + 1, 'x')}) {
    FakeHaproxy haproxy({"\n> "});
    const auto answers = ask(haproxy, {"good", command});
    ASSERT_FALSE(answers);
    EXPECT_EQ(answers.error().code, ErrorCode::Internal);
  }
}

TEST(RuntimeSocket, SaysThatNobodyListens) {
  const SystemClock clock;
  const auto socket = RuntimeSocket::open("/nonexistent/sock", clock);
  ASSERT_FALSE(socket);
  EXPECT_EQ(socket.error().code, ErrorCode::Unavailable);
}

}  // namespace
}  // namespace libra::sidecar::haproxy
