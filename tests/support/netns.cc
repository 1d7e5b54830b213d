#include "tests/support/netns.h"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>
#include <thread>

namespace libra::test {

namespace {

void require(bool fine, const std::string& what) {
  if (!fine) throw std::runtime_error(what + " failed; tests of addresses need root");
}

void shell(const std::string& command) { require(std::system(command.c_str()) == 0, command); }

}  // namespace

NetworkNamespace::NetworkNamespace() {
  std::thread([this] {
    if (::unshare(CLONE_NEWNET) == 0) fd_ = Fd(::open("/proc/thread-self/ns/net", O_RDONLY));
  }).join();
  require(fd_.get() >= 0, "unshare");
}

void NetworkNamespace::run(const std::function<void()>& task) const {
  bool entered = false;
  std::thread([&] {
    entered = ::setns(fd_.get(), CLONE_NEWNET) == 0;
    if (entered) task();
  }).join();
  require(entered, "setns");
}

Cable::Cable() {
  const std::string other = "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(peer.fd());
  device.run([&] {
    shell("ip link add eth0 type veth peer name eth0 netns " + other);
    shell("ip link set lo up && ip link set eth0 up");
  });
  peer.run([] { shell("ip link set lo up && ip link set eth0 up"); });
  // The kernel's link watch may take a second to let frames through.
  const std::string ready =
      "for i in $(seq 500); do ip link show eth0 | grep -q 'state UP' && exit 0; sleep 0.01; done; exit 1";
  device.run([&] { shell(ready); });
  peer.run([&] { shell(ready); });
}

}  // namespace libra::test
