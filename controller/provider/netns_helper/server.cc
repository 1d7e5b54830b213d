#include "controller/provider/netns_helper/server.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "controller/provider/line_socket.h"
#include "lib/log/log.h"

namespace libra::provider::netns {

namespace {

constexpr log::Logger kLog{"netns"};
constexpr int kThreads = 4;
constexpr std::size_t kWaiting = 64;
constexpr std::size_t kLongestRequest = 1024;
constexpr std::chrono::seconds kPatience{2};  // with a peer that does not speak or read

Deadline soon() { return std::chrono::steady_clock::now() + kPatience; }

Result<Fd> listenOn(const std::string& path, const User& owner) {
  const auto failed = [&path] { return Error{ErrorCode::Internal, path + ": " + std::strerror(errno)}; };
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return Error{ErrorCode::Invalid, path + ": too long for a unix socket"};
  path.copy(address.sun_path, path.size());
  ::unlink(path.c_str());  // of an earlier helper: Devices holds the lock, so it is gone
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd || ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::chown(path.c_str(), owner.uid, owner.gid) != 0 || ::chmod(path.c_str(), 0600) != 0 ||
      ::listen(fd.get(), static_cast<int>(kWaiting)) != 0)
    return failed();
  return fd;
}

Answer answerOf(const Status& status) { return {.error = status ? "" : status.error().message}; }

}  // namespace

Result<std::unique_ptr<Server>> Server::open(const Settings& settings, Devices& devices) {
  auto listener = listenOn(settings.socket, settings.controller);
  if (!listener) return listener.error();
  return std::unique_ptr<Server>(new Server(settings, devices, *std::move(listener)));
}

Server::Server(const Settings& settings, Devices& devices, Fd listener)
    : settings_(settings),
      devices_(devices),
      listener_(std::move(listener)),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      pool_("netns", kThreads, kWaiting),
      accepting_([this] { acceptLoop(); }) {}

Server::~Server() {
  ::eventfd_write(wake_.get(), 1);
  accepting_.join();
  pool_.stop();
}

void Server::acceptLoop() {
  ::pthread_setname_np(::pthread_self(), "accept");
  std::array<pollfd, 2> watched{{{listener_.get(), POLLIN, 0}, {wake_.get(), POLLIN, 0}}};
  for (;;) {
    if (::poll(watched.data(), watched.size(), -1) < 0) continue;
    if (watched[1].revents != 0) return;
    auto connection = std::make_shared<const Fd>(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!*connection || !isAllowed(connection->get())) continue;
    if (!pool_.offer([this, connection] { serve(connection->get()); })) kLog.warn("too many requests, one dropped");
  }
}

bool Server::isAllowed(int connection) const {
  ucred peer{};
  socklen_t length = sizeof peer;
  const bool known = ::getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0;
  if (known && (peer.uid == settings_.controller.uid || peer.uid == 0)) return true;
  kLog.warn("a process of user {} is not listened to", peer.uid);
  return false;
}

void Server::serve(int connection) {
  const auto line = readLine(connection, kLongestRequest, soon());
  if (!line) return kLog.warn("a request was not read: {}", line.error().message);
  const auto request = readRequest(*line);
  const Answer answer = request ? perform(*request) : Answer{.error = request.error().message};
  if (!answer.error.empty())
    kLog.error("{} {}: {}", request ? request->action : "request", request ? request->name : "", answer.error);
  if (const auto sent = writeLine(connection, write(answer), soon()); !sent)
    kLog.warn("an answer was not sent: {}", sent.error().message);
}

Answer Server::perform(const Request& request) {
  if (request.action == "destroy") return answerOf(devices_.destroy(request.name));
  if (request.action == "fence") return answerOf(devices_.fence(request.name));
  if (request.action == "list") return {.names = devices_.list()};
  const auto address = devices_.build(request.name);
  return address ? Answer{.address = *address} : Answer{.error = address.error().message};
}

}  // namespace libra::provider::netns
