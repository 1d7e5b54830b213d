// The API and a crowd: everybody is answered, and nothing grows. By hand for longer:
// make crowd SECONDS=300.

#include <sys/resource.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "tests/system/crowd.h"
#include "tests/system/libra_test.h"

namespace libra::test {
namespace {

constexpr int kIdle = 2000, kWicked = 100, kBusy = 200;
constexpr double kNoise = 1.1, kMoreMegabytes = 8;  // of the allocator, between two looks at the same memory
constexpr long kSpareFiles = 16;                    // connections to the database are opened when they are needed

std::chrono::seconds length() {
  const char* given = std::getenv("LIBRA_CROWD_SECONDS");
  return std::chrono::seconds(given && *given ? std::atoi(given) : 20);
}

long openFiles(int pid) {
  const std::filesystem::directory_iterator files("/proc/" + std::to_string(pid) + "/fd");
  return std::distance(begin(files), end(files));
}

double megabytes(int pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmRSS:")) return std::atof(line.c_str() + 6) / 1024;
  return 0;
}

void allowManyFiles(int pid) {
  rlimit files{};
  ASSERT_EQ(::prlimit(pid, RLIMIT_NOFILE, nullptr, &files), 0);
  files.rlim_cur = files.rlim_max;
  ASSERT_EQ(::prlimit(pid, RLIMIT_NOFILE, &files, nullptr), 0);
  ASSERT_GT(files.rlim_max, static_cast<rlim_t>(2 * kIdle));
}

double quantile(std::vector<double>& times, double part) {
  const auto at = times.begin() + static_cast<long>(part * static_cast<double>(times.size() - 1));
  std::nth_element(times.begin(), at, times.end());
  return *at;
}

class CrowdTest : public LibraTest {
 protected:
  static std::string variable(const std::string& name) {
    auto value = shell(". " + lab().path("env") + " && echo $" + name);
    value.pop_back();
    return value;
  }
  static Crowd::Plan plan(int idle, int wicked, int busy) {
    const auto url = variable("LIBRA_URL");
    return {
        std::atoi(url.c_str() + url.rfind(':') + 1),
        *tls::clientContext({.ca = lab().path("tls/ca.pem"), .certificate = {}, .key = {}}),
        "GET /v1.1/loadbalancers HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Auth-Token: " + variable("LIBRA_TOKEN") + "\r\n\r\n",
        idle,
        wicked,
        busy};
  }
};

TEST_F(CrowdTest, EverybodyIsAnsweredAndNothingGrows) {
  serving("crowd");
  const int controller = lab().pid("controller");
  allowManyFiles(controller);
  allowManyFiles(::getpid());
  {  // what is only made when it is needed first
    Crowd few(plan(0, 0, 20));
    few.come();
  }
  EXPECT_TRUE(waitFor([&] { return openFiles(controller) < kBusy; }));
  const long files = openFiles(controller);

  Crowd crowd(plan(kIdle, kWicked, kBusy));
  crowd.come();
  EXPECT_TRUE(waitFor([&] { return openFiles(controller) > kIdle + kBusy; }, std::chrono::seconds(60)));
  std::vector<double> memory;
  for (const auto until = std::chrono::steady_clock::now() + length(); std::chrono::steady_clock::now() < until;) {
    memory.push_back(megabytes(controller));
    std::this_thread::sleep_for(std::chrono::seconds(1));
  }
  crowd.leave();
  EXPECT_TRUE(waitFor([&] { return openFiles(controller) <= files + kSpareFiles; }, std::chrono::seconds(60)))
      << openFiles(controller) << " files are open, " << files << " were before";
  EXPECT_EQ(lab().pid("controller"), controller);

  auto seen = crowd.seen();
  EXPECT_THAT(seen.wrong, ::testing::IsEmpty());
  EXPECT_EQ(seen.idle_answers, kIdle);
  ASSERT_GE(memory.size(), 4u);
  const auto half = memory.begin() + static_cast<long>(memory.size() / 2);
  const double before = *std::max_element(memory.begin(), half), after = *std::max_element(half, memory.end());
  EXPECT_LE(after, before * kNoise + kMoreMegabytes);
  ASSERT_FALSE(seen.times.empty());
  std::cout << "  " << kIdle << " idle, " << kWicked << " wicked and " << kBusy << " busy connections for "
            << length().count() << " s: " << seen.times.size() << " answers, p50 " << quantile(seen.times, 0.5)
            << " ms, p99 " << quantile(seen.times, 0.99) << " ms; memory at most " << before
            << " MB in the first half, " << after << " MB in the second; open files " << files << " before, "
            << openFiles(controller) << " after; came again " << seen.came_again << "\n";
}

}  // namespace
}  // namespace libra::test
