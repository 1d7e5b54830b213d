#include "sidecar/nginx/control_socket.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>
#include <cstring>

#include "sidecar/program/dial.h"

namespace libra::sidecar::nginx {

namespace {

constexpr std::size_t kMostAnswer = 16 << 20;  // a full device has < 5 MB
constexpr std::size_t kMostAlong = 253;        // descriptors one message carries

Error lost(std::string_view why) {
  return Error{ErrorCode::Unavailable, "The proxy does not answer", fmt::format("control socket: {}", why)};
}

Error lostBy(std::string_view what) { return lost(fmt::format("{}: {}", what, std::strerror(errno))); }

ErrorCode codeFor(int status) {
  switch (status) {
    case 400:
      return ErrorCode::Invalid;
    case 404:
      return ErrorCode::NotFound;
    case 409:
      return ErrorCode::Conflict;
    case 413:
    case 507:
      return ErrorCode::OverLimit;
    default:
      return ErrorCode::Unavailable;
  }
}

// Of the first line, "HTTP/1.1 200 OK"; 0 when it is none.
int statusOf(std::string_view answer) {
  int status = 0;
  if (answer.starts_with("HTTP/1.1 ")) std::from_chars(answer.data() + 9, answer.data() + answer.size(), status);
  return status;
}

// The first bytes, with the descriptors.
ssize_t sendAlong(int socket, std::string_view bytes, const std::vector<Fd>& along) {
  iovec part{const_cast<char*>(bytes.data()), bytes.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(kMostAlong * sizeof(int))]{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (!along.empty()) {
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(along.size() * sizeof(int));
    auto* head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(along.size() * sizeof(int));
    auto* to = CMSG_DATA(head);
    for (const auto& fd : along) {
      const int number = fd.get();
      std::memcpy(to, &number, sizeof number);
      to += sizeof number;
    }
  }
  return ::sendmsg(socket, &message, MSG_NOSIGNAL);
}

}  // namespace

Result<json::Value> readReply(std::string_view reply) {
  const auto end = reply.find("\r\n\r\n");
  if (end == reply.npos) return lost("closed in the middle of an answer");
  auto body = json::parse(reply.substr(end + 4));
  const int status = statusOf(reply);
  if (status == 200) return body;
  const auto why = body ? (*body)["error"].text() : std::string();
  return Error{codeFor(status), "The proxy does not take the change", fmt::format("{}: {}", status, why)};
}

Result<json::Value> ControlSocket::ask(std::string_view method, std::string_view resource, const std::string& body,
                                       const std::vector<Fd>& along) const {
  if (along.size() > kMostAlong)
    return Error{ErrorCode::OverLimit, "The proxy does not take the change", "too many listeners at once"};
  const auto answer =
      exchange(fmt::format("{} {} HTTP/1.1\r\nHost: libra\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{}", method,
                           resource, body.size(), body),
               along);
  return answer ? readReply(*answer) : Result<json::Value>(answer.error());
}

Result<std::string> ControlSocket::exchange(std::string_view request, const std::vector<Fd>& along) const {
  const auto deadline = clock_.monotonic() + patience_;
  const auto socket = dial(path_);
  if (!socket) return socket.error();
  if (auto sent = send(socket->get(), request, along, deadline); !sent) return sent.error();

  std::string text;
  char buffer[65'536];
  for (;;) {
    if (auto ready = wait(socket->get(), POLLIN, deadline); !ready) return ready.error();
    const auto got = ::recv(socket->get(), buffer, sizeof buffer, 0);
    if (got == 0) return text;
    if (got < 0 && errno != EAGAIN && errno != EINTR) return lostBy("receive");
    if (got > 0) text.append(buffer, static_cast<std::size_t>(got));
    if (text.size() > kMostAnswer) return lost("an answer without end");
  }
}

Status ControlSocket::send(int socket, std::string_view bytes, const std::vector<Fd>& along, Instant deadline) const {
  static const std::vector<Fd> kNone;
  for (bool first = true; !bytes.empty();) {
    const auto sent = sendAlong(socket, bytes, first ? along : kNone);
    if (sent > 0) {
      first = false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno != EAGAIN && errno != EINTR) {
      return lostBy("send");
    } else if (auto ready = wait(socket, POLLOUT, deadline); !ready) {
      return ready;
    }
  }
  return ok();
}

Status ControlSocket::wait(int socket, short events, Instant deadline) const {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock_.monotonic());
  pollfd poll{socket, events, 0};
  const int ready = left.count() > 0 ? ::poll(&poll, 1, static_cast<int>(left.count())) : 0;
  if (ready == 0) return lost("no answer in time");
  if (ready < 0 && errno != EINTR) return lostBy("poll");
  return ok();
}

}  // namespace libra::sidecar::nginx
