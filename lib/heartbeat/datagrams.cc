#include "lib/heartbeat/datagrams.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace libra::heartbeat {

namespace {

constexpr int kBatch = 64;
constexpr int kMostBatches = 16;  // in one turn of the loop, which has other things to do
constexpr Millis kPause{1};       // between two turns while datagrams come
constexpr int kBuffer = 8 << 20;  // bytes; the kernel gives what it allows

// A little more than a beat, so that a longer datagram is seen to be longer.
using Slot = std::array<std::uint8_t, kBeatSize + 1>;

Error failed(const Endpoint& where) {
  return {ErrorCode::Unavailable, where.str() + ": " + std::generic_category().message(errno)};
}

Fd open(const Endpoint& like) {
  Fd fd(::socket(like.address.isV6() ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (fd) ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &kBuffer, sizeof kBuffer);
  return fd;
}

}  // namespace

Datagrams::Datagrams(EventLoop& loop, Fd socket, Arrived arrived)
    : socket_(std::move(socket)),
      arrived_(std::move(arrived)),
      readable_(::event_new(loop.base(), socket_.get(), EV_READ, onReadable, this)),
      pause_(loop, [this] { receive(); }) {
  if (!readable_ || ::event_add(readable_.get(), nullptr) != 0) std::abort();
}

Result<std::unique_ptr<Datagrams>> Datagrams::bind(EventLoop& loop, const Endpoint& at, Arrived arrived) {
  Fd fd = open(at);
  const SocketAddress address(at);
  if (!fd || ::bind(fd.get(), address.get(), address.size) != 0) return failed(at);
  return std::unique_ptr<Datagrams>(new Datagrams(loop, std::move(fd), std::move(arrived)));
}

Result<std::unique_ptr<Datagrams>> Datagrams::connect(EventLoop& loop, const Endpoint& to, Arrived arrived) {
  Fd fd = open(to);
  const SocketAddress address(to);
  if (!fd || ::connect(fd.get(), address.get(), address.size) != 0) return failed(to);
  return std::unique_ptr<Datagrams>(new Datagrams(loop, std::move(fd), std::move(arrived)));
}

bool Datagrams::send(Bytes datagram) {
  return ::send(socket_.get(), datagram.data(), datagram.size(), MSG_NOSIGNAL) >= 0;
}

bool Datagrams::send(Bytes datagram, const SocketAddress& to) {
  return ::sendto(socket_.get(), datagram.data(), datagram.size(), MSG_NOSIGNAL, to.get(), to.size) >= 0;
}

void Datagrams::receive() {
  if (drain()) return pause_.once(kPause);
  if (::event_add(readable_.get(), nullptr) != 0) std::abort();
}

bool Datagrams::drain() {
  bool any = false;
  std::array<Slot, kBatch> slots;
  std::array<Datagram, kBatch> datagrams;
  std::array<iovec, kBatch> parts{};
  std::array<mmsghdr, kBatch> headers{};
  for (int batch = 0; batch < kMostBatches; ++batch) {
    for (std::size_t i = 0; i < kBatch; ++i) {
      parts[i] = {slots[i].data(), slots[i].size()};
      headers[i].msg_hdr = {};
      headers[i].msg_hdr.msg_iov = &parts[i];
      headers[i].msg_hdr.msg_iovlen = 1;
      headers[i].msg_hdr.msg_name = datagrams[i].from.get();
      headers[i].msg_hdr.msg_namelen = sizeof datagrams[i].from.v6;
    }
    const int got = ::recvmmsg(socket_.get(), headers.data(), kBatch, MSG_DONTWAIT, nullptr);
    const auto count = static_cast<std::size_t>(std::max(got, 0));
    for (std::size_t i = 0; i < count; ++i) {
      datagrams[i].from.size = headers[i].msg_hdr.msg_namelen;
      datagrams[i].bytes = Bytes(slots[i]).first(headers[i].msg_len);
    }
    if (count > 0) arrived_(std::span(datagrams).first(count));
    any = any || count > 0;
    if (count < kBatch) break;
  }
  return any;
}

}  // namespace libra::heartbeat
