#include "tests/traffic/crowd.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>

#include "lib/tls/bundle.h"
#include "lib/tls/context.h"

namespace libra::traffic {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view kRequest = "GET / HTTP/1.1\r\nHost: crowd\r\n\r\n";
constexpr std::string_view kBody = "\r\n\r\nok\n";
constexpr std::chrono::milliseconds kRest{2};  // after a failure

std::string failed(const char* what) { return std::string(what) + ": " + std::strerror(errno); }

const tls::Context& anyCertificate() {
  static const tls::Context context = [] {
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to peers that have gone
    return *tls::unverifiedClientContext();
  }();
  return context;
}

// The client's end; not open when there is no connection.
class Wire {
 public:
  bool isOpen() const { return static_cast<bool>(fd_); }
  void close() { *this = Wire(); }

  // Why there is no connection, "" when there is one.
  std::string open(const Place& place) {
    auto failure = connect(place);
    if (failure.empty() && place.tls) failure = shakeHands(place.host);
    if (!failure.empty()) close();
    return failure;
  }

  bool send(std::string_view text) {
    const auto size = static_cast<int>(text.size());
    return (tls_ ? SSL_write(tls_.get(), text.data(), size)
                 : ::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL)) > 0;
  }
  long receive(char* to, std::size_t size) {
    return tls_ ? SSL_read(tls_.get(), to, static_cast<int>(size)) : ::recv(fd_.get(), to, size, 0);
  }

  std::string shown() const { return tls_ ? tls::peerFingerprint(tls_.get()) : ""; }

 private:
  std::string connect(const Place& place) {
    fd_ = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const timeval patience{5, 0};
    const int yes = 1;
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(place.port);
    ::inet_pton(AF_INET, place.address.c_str(), &where.sin_addr);
    return ::connect(fd_.get(), reinterpret_cast<sockaddr*>(&where), sizeof where) == 0 ? "" : failed("connect");
  }

  std::string shakeHands(const std::string& host) {
    tls_.reset(SSL_new(anyCertificate().get()));
    if (!host.empty()) SSL_set_tlsext_host_name(tls_.get(), host.c_str());
    SSL_set_fd(tls_.get(), fd_.get());
    return SSL_connect(tls_.get()) == 1 ? "" : "handshake: " + tls::failureText(tls_.get());
  }

  Fd fd_;
  tls::Session tls_;
};

// Of another answer than the nodes' its head is enough.
bool isWhole(const std::string& answer) {
  return answer.ends_with(kBody) || (answer.find("\r\n\r\n") != answer.npos && !answer.starts_with("HTTP/1.1 200 "));
}

std::string readAnswer(Wire& wire, std::string& answer) {
  char buffer[2048];
  answer.clear();
  while (!isWhole(answer)) {
    const auto got = wire.receive(buffer, sizeof buffer);
    if (got < 0) return failed("receive");
    if (got == 0) return answer.empty() ? "closed without an answer" : answer.substr(0, answer.find('\r'));
    answer.append(buffer, static_cast<std::size_t>(got));
  }
  return answer.starts_with("HTTP/1.1 200 ") ? "" : answer.substr(0, answer.find('\r'));
}

bool saysClose(const std::string& answer) { return answer.find("\r\nconnection: close\r\n") != answer.npos; }

// One request; leaves the wire open when it can be used again.
void ask(Wire& wire, Habit habit, const Place& place, std::string& answer, Request& request) {
  if (!wire.isOpen()) {
    request.failure = wire.open(place);
    request.shown = wire.shown();
    if (!wire.isOpen()) return;
  }
  request.failure = wire.send(kRequest) ? readAnswer(wire, answer) : failed("send");
  if (!request.failure.empty() || habit == Habit::NewEachTime || saysClose(answer)) wire.close();
}

}  // namespace

Crowd::Crowd(Habit habit, int clients, const Place& place) : place_(place) {
  for (int i = 0; i < clients; ++i) {
    auto& client = *clients_.emplace_back(std::make_unique<Client>());
    client.thread = std::thread([this, &client, habit] { run(client, habit); });
  }
}

void Crowd::run(Client& client, Habit habit) {
  Wire wire;
  std::string answer;
  while (!stopping_) {
    ++client.begun;
    Request request{Clock::now(), {}, {}, {}};
    ask(wire, habit, place_, answer, request);
    request.end = Clock::now();
    ++client.ended;
    const bool answered = request.failure.empty();
    client.requests.push_back(std::move(request));
    if (answered)
      ++client.answered;
    else
      std::this_thread::sleep_for(kRest);
  }
}

std::uint64_t Crowd::begun() const {
  std::uint64_t sum = 0;
  for (const auto& client : clients_) sum += client->begun;
  return sum;
}

std::uint64_t Crowd::ended() const {
  std::uint64_t sum = 0;
  for (const auto& client : clients_) sum += client->ended;
  return sum;
}

bool Crowd::waitForEach(std::uint64_t more) const {
  const auto deadline = Clock::now() + std::chrono::seconds(10);
  std::vector<std::uint64_t> wanted;
  for (const auto& client : clients_) wanted.push_back(client->answered + more);
  for (std::size_t i = 0; i < clients_.size(); ++i)
    while (clients_[i]->answered < wanted[i]) {
      if (Clock::now() > deadline) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  return true;
}

void Crowd::stop() {
  stopping_ = true;
  for (const auto& client : clients_)
    if (client->thread.joinable()) client->thread.join();
}

std::vector<Request> Crowd::requests() const {
  std::vector<Request> all;
  for (const auto& client : clients_) all.insert(all.end(), client->requests.begin(), client->requests.end());
  return all;
}

}  // namespace libra::traffic
