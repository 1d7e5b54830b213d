#include "sidecar/heartbeat/proxy_watch.h"

#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <utility>

#include "lib/log/log.h"

namespace libra::sidecar {

namespace {

constexpr log::Logger kLog{"proxy"};
constexpr Millis kLookAgain{5};
constexpr std::chrono::seconds kCrashesApart{60};

// Whoever called listen() on the socket; 0 when nobody listens.
pid_t listenerOf(const std::string& path) {
  const Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (!fd || path.size() >= sizeof address.sun_path) return 0;
  path.copy(address.sun_path, path.size());
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return 0;
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(fd.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 ? peer.pid : 0;
}

}  // namespace

ProxyWatch::ProxyWatch(EventLoop& loop, const Clock& clock, std::string runtime_socket, Events events)
    : loop_(loop),
      clock_(clock),
      runtime_socket_(std::move(runtime_socket)),
      events_(std::move(events)),
      again_(loop, [this] { look(); }) {
  look();
}

void ProxyWatch::look() {
  if (watch(listenerOf(runtime_socket_))) return events_.alive();
  again_.once(kLookAgain);
  const bool waits = died_ != Instant{} && !told_lost_;
  if (!waits || clock_.monotonic() - died_ < kComesBackWithin) return;
  kLog.error("the proxy does not come back");
  told_lost_ = true;
  events_.lost();
}

bool ProxyWatch::watch(pid_t process) {
  if (process <= 0 || (process == last_ && died_ != Instant{})) return false;
  Fd fd(static_cast<int>(::syscall(SYS_pidfd_open, process, 0)));
  if (!fd) return false;
  process_ = std::move(fd);
  last_ = process;
  died_before_ = std::exchange(died_, Instant{});
  end_ = std::make_unique<Readable>(loop_, process_.get(), [this] { ended(); });
  return true;
}

void ProxyWatch::ended() {
  end_.reset();
  process_ = Fd();
  died_ = clock_.monotonic();
  told_lost_ = died_before_ != Instant{} && died_ - died_before_ < kCrashesApart;
  kLog.error("the proxy (process {}) died{}", last_, told_lost_ ? " again" : "");
  events_.died();
  if (told_lost_) events_.lost();
  again_.once(kLookAgain);
}

}  // namespace libra::sidecar
