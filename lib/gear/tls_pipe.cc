#include "lib/gear/tls_pipe.h"

#include <arpa/inet.h>
#include <event2/listener.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>
#include <list>
#include <thread>
#include <utility>

#include "lib/base/locked.h"
#include "lib/gear/own_process.h"
#include "lib/gear/probe.h"
#include "lib/gear/relay.h"
#include "lib/gear/server_address.h"
#include "lib/gear/thread.h"
#include "lib/log/log.h"

namespace libra::gear {

namespace {

constexpr log::Logger kLog{"gear"};
constexpr std::size_t kMostRelays = 2048;
constexpr std::chrono::milliseconds kAcceptPause{100};

using Listener = std::unique_ptr<evconnlistener, FreeWith<evconnlistener_free>>;

sockaddr_in loopback() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

Result<std::vector<ServerAddress>> readServers(const Connection& connection) {
  std::vector<ServerAddress> servers;
  for (const auto& text : connection.servers) {
    auto server = parseServer(text);
    if (!server) return server.error();
    if (connection.clear_text && !server->isLoopback())
      return Error{ErrorCode::Invalid, "Job server '" + text + "' is not on this host: clear text is refused"};
    servers.push_back(*std::move(server));
  }
  if (servers.empty()) return Error{ErrorCode::Invalid, "No job server is set"};
  return servers;
}

Result<std::shared_ptr<tls::ReloadingContext>> readContext(const Connection& connection) {
  if (connection.clear_text) {
    kLog.warn("jobs go in CLEAR TEXT to job servers on this host, as the settings say");
    return std::shared_ptr<tls::ReloadingContext>();
  }
  if (connection.ca.empty() || connection.certificate.empty() || connection.key.empty())
    return Error{ErrorCode::Invalid, "Job servers need ca, certificate and key: nothing is sent without TLS"};
  return tls::ReloadingContext::open({connection.ca, connection.certificate, connection.key},
                                     tls::ReloadingContext::Role::Client);
}

}  // namespace

struct TlsPipe::Impl {
  struct Server {
    Server(Impl& pipe, ServerAddress address, std::shared_ptr<tls::ReloadingContext> context)
        : upstream(pipe.loop, std::move(address), std::move(context)),
          probe(pipe.loop, upstream, pipe.settings, [&pipe, this] { pipe.onServerChanged(*this); }) {}
    Upstream upstream;
    Probe probe;
  };

  explicit Impl(const Connection& connection) : settings(connection) {}
  ~Impl();

  Status listen();
  void run();
  static void onAccept(evconnlistener*, evutil_socket_t fd, sockaddr*, int, void* self) noexcept {
    static_cast<Impl*>(self)->accepted(Fd(fd));
  }
  static void onAcceptError(evconnlistener*, void* self) noexcept { static_cast<Impl*>(self)->pauseAccepting(); }
  void accepted(Fd local);
  void pauseAccepting();
  void onServerChanged(Server& server);
  void onEnded(Relay& relay, const std::string& why);
  Server* usable();
  void route(Relay& relay);
  void tell();
  void finish();

  const Connection settings;
  EventLoop loop;
  std::vector<std::unique_ptr<Server>> servers;
  Listener listener;
  int port = 0;
  Timer resume{loop, [this] { ::evconnlistener_enable(listener.get()); }};
  Timer last_call{loop, [this] { loop.stop(); }};
  std::list<std::unique_ptr<Relay>> relays;
  bool finishing = false;
  mutable Locked<std::vector<ServerState>> told;
  std::thread thread;
};

// What has been said already is still sent (a worker's last answer), for a bounded time.
TlsPipe::Impl::~Impl() {
  if (!thread.joinable()) return;
  loop.post([this] { finish(); });
  thread.join();
}

Status TlsPipe::Impl::listen() {
  sockaddr_in address = loopback();
  listener.reset(::evconnlistener_new_bind(loop.base(), onAccept, this, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC,
                                           -1, reinterpret_cast<sockaddr*>(&address), sizeof address));
  socklen_t size = sizeof address;
  if (!listener || ::getsockname(::evconnlistener_get_fd(listener.get()), reinterpret_cast<sockaddr*>(&address), &size))
    return Error{ErrorCode::Internal, "No loopback port for the TLS pipe", std::strerror(errno)};
  ::evconnlistener_set_error_cb(listener.get(), onAcceptError);
  port = ntohs(address.sin_port);
  return ok();
}

void TlsPipe::Impl::run() {
  tell();
  loop.post([this] {
    for (auto& server : servers) server->probe.start();
  });
  thread = std::thread([this] {
    beginThread("gear-pipe");
    loop.run();
  });
}

void TlsPipe::Impl::accepted(Fd local) {
  if (!isOwnConnection(local.get())) return kLog.warn("a foreign process connected to the TLS pipe: closed");
  if (relays.size() >= kMostRelays) return kLog.error("more than {} connections in the TLS pipe: closed", kMostRelays);
  const Relay::Limits limits{settings.connect_timeout, settings.idle_limit};
  relays.push_back(std::make_unique<Relay>(loop, std::move(local), limits,
                                           [this](Relay& relay, const std::string& why) { onEnded(relay, why); }));
  route(*relays.back());
}

void TlsPipe::Impl::pauseAccepting() {
  kLog.error("the TLS pipe cannot accept: {}", std::strerror(errno));
  ::evconnlistener_disable(listener.get());
  resume.once(kAcceptPause);
}

TlsPipe::Impl::Server* TlsPipe::Impl::usable() {
  const auto found = std::find_if(servers.begin(), servers.end(), [](auto& s) { return s->probe.answers(); });
  return found == servers.end() ? nullptr : found->get();
}

void TlsPipe::Impl::route(Relay& relay) {
  if (Server* server = usable()) relay.connect(server->upstream);
}

void TlsPipe::Impl::onServerChanged(Server& server) {
  tell();
  // Each may end on the spot and leave the list, but none joins it meanwhile.
  for (auto next = relays.begin(); next != relays.end();) {
    Relay& relay = **next++;
    if (relay.server() == nullptr) {
      route(relay);
    } else if (relay.server() == &server.upstream && !server.probe.answers()) {
      relay.end("");
    }
  }
}

void TlsPipe::Impl::onEnded(Relay& relay, const std::string& why) {
  for (auto& server : servers) {
    if (&server->upstream != relay.server() || why.empty()) continue;
    kLog.info("connection to job server {} ended: {}", server->upstream.name(), why);
    // Later, for it may end other relays.
    if (!relay.connected()) loop.post([&probe = server->probe] { probe.verify(); });
  }
  std::erase_if(relays, [&](const auto& each) { return each.get() == &relay; });
  if (finishing && relays.empty()) loop.stop();
}

void TlsPipe::Impl::tell() {
  std::vector<ServerState> now;
  for (const auto& server : servers)
    now.push_back({server->upstream.name(), server->probe.answers(), server->probe.lastError()});
  *told.lock() = std::move(now);
}

void TlsPipe::Impl::finish() {
  finishing = true;
  resume.cancel();
  listener.reset();
  last_call.once(settings.answer_limit);
  std::erase_if(relays, [](const auto& relay) { return !relay->connected(); });
  if (relays.empty()) loop.stop();
}

TlsPipe::TlsPipe(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsPipe::~TlsPipe() = default;

Result<std::unique_ptr<TlsPipe>> TlsPipe::open(const Connection& connection) {
  auto servers = readServers(connection);
  if (!servers) return servers.error();
  auto context = readContext(connection);
  if (!context) return context.error();
  auto impl = std::make_unique<Impl>(connection);
  for (auto& address : *servers)
    impl->servers.push_back(std::make_unique<Impl::Server>(*impl, std::move(address), *context));
  if (auto listening = impl->listen(); !listening) return listening.error();
  impl->run();
  return std::unique_ptr<TlsPipe>(new TlsPipe(std::move(impl)));
}

std::string TlsPipe::host() const { return "127.0.0.1"; }
int TlsPipe::port() const { return impl_->port; }

bool TlsPipe::usable() const {
  const auto states = this->states();
  return std::any_of(states.begin(), states.end(), [](const ServerState& state) { return state.answers; });
}

std::vector<TlsPipe::ServerState> TlsPipe::states() const { return *impl_->told.lock(); }

}  // namespace libra::gear
