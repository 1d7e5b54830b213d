#include "bench/many_sidecars.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <list>

#include "bench/running_libra.h"
#include "lib/base/files.h"
#include "lib/heartbeat/sender.h"

namespace libra::bench {

namespace {

constexpr int kAtOnce = 20;  // handshakes begin in such groups, so that the watcher's backlog holds them
constexpr Millis kGroupEvery{20};

class Hearts {
 public:
  Hearts(const tls::Identity& authority, const Crew& crew) : authority_(authority), crew_(crew) {
    more_.every(kGroupEvery);
    loop_.run();
  }

 private:
  void add() {
    for (int i = 0; i < kAtOnce && made_ < crew_.devices; ++i, ++made_) {
      const auto name = crew_.name + std::to_string(made_);
      auto context = tls::ReloadingContext::open(issued(authority_, crew_.folder, name, "libra:device:" + name),
                                                 tls::ReloadingContext::Role::Client);
      if (!context) die(context.error().detail);
      const heartbeat::Endpoint watcher{*NetAddress::parse("127.0.0.1"), static_cast<std::uint16_t>(crew_.port)};
      senders_.emplace_back(loop_, clock_, watcher, *context, 1,
                            heartbeat::Sender::Events{[](const heartbeat::HeldVip&) {}, [] {}});
    }
    if (made_ == crew_.devices) more_.cancel();
  }

  const tls::Identity& authority_;
  const Crew& crew_;
  SystemClock clock_;
  EventLoop loop_;
  std::list<heartbeat::Sender> senders_;
  int made_ = 0;
  Timer more_{loop_, [this] { add(); }};
};

}  // namespace

tls::Files issued(const tls::Identity& authority, const std::string& folder, const std::string& name,
                  const std::string& uri) {
  const tls::Subject subject{.common_name = name, .dns = {name}, .ip = {"127.0.0.1"}, .uri = {uri}};
  const auto identity = tls::issueCertificate(authority, subject, tls::validFor(std::chrono::system_clock::now(), 1));
  if (!identity) die(identity.error().message);
  auto files = tls::writeIdentity(folder, name, *identity);
  if (!files) die(files.error().message);
  files->ca = folder + "/ca.crt";
  return *files;
}

ManySidecars::ManySidecars(const tls::Identity& authority, const Crew& crew) : process_(::fork()) {
  if (process_ < 0) die("fork");
  if (process_ > 0) return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  Hearts hearts(authority, crew);
  ::_exit(0);
}

ManySidecars::~ManySidecars() {
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
}

void ManySidecars::freeze(bool frozen) const { ::kill(process_, frozen ? SIGSTOP : SIGCONT); }

}  // namespace libra::bench
