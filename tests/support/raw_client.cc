#include "tests/support/raw_client.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdlib>

#include "lib/tls/bundle.h"

namespace libra::test {

RawClient::RawClient(int port, const tls::Context& context, const std::string& host)
    : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const timeval patience{20, 0};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(port));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  connected_ = ::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
  if (!connected_ || !context) return;

  auto session = tls::clientSession(context, host);
  connected_ = session && SSL_set_fd(session->get(), fd_.get()) == 1 && SSL_connect(session->get()) == 1;
  if (!connected_) failure_ = session ? tls::failureText(session->get()) : session.error().message;
  if (session) session_ = *std::move(session);
}

std::string RawClient::shown() const { return session_ ? tls::peerFingerprint(session_.get()) : ""; }

bool RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t part = std::min<std::size_t>(bytes.size(), 16384);
    const auto sent = session_ ? SSL_write(session_.get(), bytes.data(), static_cast<int>(part))
                               : static_cast<int>(::send(fd_.get(), bytes.data(), part, MSG_NOSIGNAL));
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

// The second handshake is sent with the first call and answered, or refused, in the next.
bool RawClient::renegotiates() {
  if (SSL_renegotiate(session_.get()) != 1) return false;
  return SSL_do_handshake(session_.get()) == 1 && SSL_renegotiate_pending(session_.get()) == 0;
}

long RawClient::readSome(char* to, std::size_t size) {
  const long got = session_ ? SSL_read(session_.get(), to, static_cast<int>(size)) : ::recv(fd_.get(), to, size, 0);
  if (got > 0) return got;
  const bool late = session_ ? SSL_get_error(session_.get(), static_cast<int>(got)) == SSL_ERROR_WANT_READ
                             : got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  closed_ = !late;
  return 0;
}

std::string RawClient::readUntil(std::string_view end) {
  std::size_t found = 0;
  while ((found = buffer_.find(end)) == buffer_.npos) {
    char chunk[16384];
    const long got = readSome(chunk, sizeof chunk);
    if (got == 0) return std::exchange(buffer_, {});
    buffer_.append(chunk, static_cast<std::size_t>(got));
  }
  std::string text = buffer_.substr(0, found + end.size());
  buffer_.erase(0, text.size());
  return text;
}

std::string RawClient::readAnswer() {
  std::string answer = readUntil("\r\n\r\n");
  auto lower = answer;
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  const auto at = lower.find("content-length: ");
  std::size_t left = at == answer.npos ? 0 : std::strtoul(answer.c_str() + at + 16, nullptr, 10);
  for (char chunk[16384]; left > 0;) {
    if (buffer_.empty()) {
      const long got = readSome(chunk, sizeof chunk);
      if (got == 0) break;
      buffer_.assign(chunk, static_cast<std::size_t>(got));
    }
    const std::size_t part = std::min(left, buffer_.size());
    answer.append(buffer_, 0, part);
    buffer_.erase(0, part);
    left -= part;
  }
  return answer;
}

std::string RawClient::readAll() {
  std::string text = std::exchange(buffer_, {});
  char chunk[16384];
  while (const long got = readSome(chunk, sizeof chunk)) text.append(chunk, static_cast<std::size_t>(got));
  return text;
}

bool RawClient::sawClose() {
  if (!closed_) readAll();
  return closed_;
}

bool RawClient::closedCleanly() const {
  return closed_ && session_ && (SSL_get_shutdown(session_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
}

void RawClient::stopSending() {
  if (session_) SSL_shutdown(session_.get());
  ::shutdown(fd_.get(), SHUT_WR);
}

void RawClient::leave() {
  session_.reset();
  fd_ = Fd();
}

}  // namespace libra::test
