#include "sidecar/vip/netlink.h"

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

namespace libra::sidecar {

namespace {

constexpr std::size_t kBuffer = 64 * 1024;  // larger than any datagram the kernel sends here

Error failure(const std::string& what, int error) {
  return {ErrorCode::Internal, "The device's network could not be set up",
          "netlink: " + what + ": " + std::strerror(error)};
}

template <typename T>
void append(std::string& message, const T& value) {
  message.append(reinterpret_cast<const char*>(&value), sizeof value);
  message.append(NLMSG_ALIGN(message.size()) - message.size(), '\0');
}

void appendAttribute(std::string& message, unsigned short type, const void* data, std::size_t size) {
  append(message, rtattr{.rta_len = static_cast<unsigned short>(RTA_LENGTH(size)), .rta_type = type});
  message.append(static_cast<const char*>(data), size);
  message.append(NLMSG_ALIGN(message.size()) - message.size(), '\0');
}

std::string header(int type, int flags, unsigned sequence) {
  std::string message;
  append(message, nlmsghdr{.nlmsg_len = 0,
                           .nlmsg_type = static_cast<__u16>(type),
                           .nlmsg_flags = static_cast<__u16>(NLM_F_REQUEST | flags),
                           .nlmsg_seq = sequence,
                           .nlmsg_pid = 0});
  return message;
}

std::string addressMessage(int type, int flags, unsigned sequence, int index, const InterfaceAddress& what) {
  const bool v6 = what.address.isV6();
  auto message = header(type, flags, sequence);
  append(message, ifaddrmsg{.ifa_family = static_cast<__u8>(v6 ? AF_INET6 : AF_INET),
                            .ifa_prefixlen = static_cast<__u8>(what.prefix),
                            .ifa_flags = static_cast<__u8>(v6 ? IFA_F_NODAD : 0),
                            .ifa_scope = RT_SCOPE_UNIVERSE,
                            .ifa_index = static_cast<__u32>(index)});
  const auto* bytes = what.address.bytes().data();
  const std::size_t size = v6 ? 16 : 4;
  appendAttribute(message, IFA_LOCAL, bytes, size);
  appendAttribute(message, IFA_ADDRESS, bytes, size);
  if (v6) {  // preferred for no time: deprecated, so a VIP that moves away is no connection's source
    const ifa_cacheinfo forever{.ifa_prefered = 0, .ifa_valid = 0xFFFFFFFF, .cstamp = 0, .tstamp = 0};
    appendAttribute(message, IFA_CACHEINFO, &forever, sizeof forever);
  }
  return message;
}

// The messages of one datagram, each complete.
template <typename Visit>
void eachMessage(const std::string& datagram, Visit visit) {
  int left = static_cast<int>(datagram.size());
  for (auto* at = reinterpret_cast<const nlmsghdr*>(datagram.data()); NLMSG_OK(at, static_cast<unsigned>(left));
       at = NLMSG_NEXT(at, left))
    visit(*at);
}

std::optional<InterfaceAddress> parseAddress(const nlmsghdr& message, int index) {
  if (message.nlmsg_type != RTM_NEWADDR || message.nlmsg_len < NLMSG_LENGTH(sizeof(ifaddrmsg))) return std::nullopt;
  const auto* info = static_cast<const ifaddrmsg*>(NLMSG_DATA(&message));
  if (static_cast<int>(info->ifa_index) != index) return std::nullopt;

  std::optional<InterfaceAddress> found;
  int left = static_cast<int>(IFA_PAYLOAD(&message));
  for (auto* at = IFA_RTA(info); RTA_OK(at, left); at = RTA_NEXT(at, left)) {
    const bool local = at->rta_type == IFA_LOCAL;  // a point-to-point link has its peer in IFA_ADDRESS
    if (!local && (at->rta_type != IFA_ADDRESS || found)) continue;
    char text[64] = "";
    if (RTA_PAYLOAD(at) != (info->ifa_family == AF_INET6 ? 16u : 4u)) continue;
    if (::inet_ntop(info->ifa_family, RTA_DATA(at), text, sizeof text) == nullptr) continue;
    if (const auto address = NetAddress::parse(text)) found = InterfaceAddress{*address, info->ifa_prefixlen};
  }
  return found;
}

std::optional<std::uint32_t> parseLosses(const nlmsghdr& message) {
  if (message.nlmsg_type != RTM_NEWLINK || message.nlmsg_len < NLMSG_LENGTH(sizeof(ifinfomsg))) return std::nullopt;
  const auto* info = static_cast<const ifinfomsg*>(NLMSG_DATA(&message));
  int left = static_cast<int>(IFLA_PAYLOAD(&message));
  for (auto* at = IFLA_RTA(info); RTA_OK(at, left); at = RTA_NEXT(at, left)) {
    std::uint32_t losses = 0;
    if (at->rta_type != IFLA_CARRIER_DOWN_COUNT || RTA_PAYLOAD(at) != sizeof losses) continue;
    std::memcpy(&losses, RTA_DATA(at), sizeof losses);
    return losses;
  }
  return std::nullopt;
}

Result<std::string> receive(int socket) {
  std::string datagram(kBuffer, '\0');
  ssize_t size = 0;
  do size = ::recv(socket, datagram.data(), datagram.size(), 0);
  while (size < 0 && errno == EINTR);
  if (size <= 0) return failure("no answer from the kernel", errno);
  datagram.resize(static_cast<std::size_t>(size));
  return datagram;
}

}  // namespace

Result<Netlink> Netlink::open(const std::string& interface) {
  Fd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  if (!socket) return failure("socket", errno);
  const timeval patience{.tv_sec = 2, .tv_usec = 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  Netlink opened(std::move(socket), interface);
  if (const auto index = opened.index(); !index) return index.error();
  return opened;
}

// Asked each time: an interface that was made anew has another index.
Result<int> Netlink::index() const {
  ifreq request{};
  if (interface_.size() >= sizeof request.ifr_name) return failure("interface " + interface_, ENAMETOOLONG);
  interface_.copy(request.ifr_name, interface_.size());
  if (::ioctl(socket_.get(), SIOCGIFINDEX, &request) != 0) return failure("interface " + interface_, errno);
  return request.ifr_ifindex;
}

Status Netlink::send(std::string& message) {
  reinterpret_cast<nlmsghdr*>(message.data())->nlmsg_len = static_cast<__u32>(message.size());
  return ::send(socket_.get(), message.data(), message.size(), 0) < 0 ? failure("send", errno) : ok();
}

Result<int> Netlink::request(std::string& message) {
  if (auto sent = send(message); !sent) return sent.error();
  for (;;) {
    const auto datagram = receive(socket_.get());
    if (!datagram) return datagram.error();
    std::optional<int> outcome;
    eachMessage(*datagram, [&](const nlmsghdr& answer) {
      if (answer.nlmsg_type != NLMSG_ERROR || answer.nlmsg_seq != sequence_) return;  // an older request's
      outcome = -static_cast<const nlmsgerr*>(NLMSG_DATA(&answer))->error;
    });
    if (outcome) return *outcome;
  }
}

Result<int> Netlink::change(int type, int flags, const InterfaceAddress& what) {
  const auto number = index();
  if (!number) return number.error();
  auto message = addressMessage(type, flags | NLM_F_ACK, ++sequence_, *number, what);
  return request(message);
}

Result<bool> Netlink::add(const NetAddress& address, int prefix) {
  const auto outcome = change(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, {address, prefix});
  if (!outcome) return outcome.error();
  if (*outcome != 0 && *outcome != EEXIST) return failure("adding " + address.str(), *outcome);
  return *outcome == 0;
}

Status Netlink::remove(const NetAddress& address, int prefix) {
  const auto outcome = change(RTM_DELADDR, 0, {address, prefix});
  if (!outcome) return outcome.error();
  if (*outcome != 0 && *outcome != EADDRNOTAVAIL) return failure("removing " + address.str(), *outcome);
  return ok();
}

Result<std::vector<InterfaceAddress>> Netlink::list() {
  const auto number = index();
  if (!number) return number.error();
  auto message = header(RTM_GETADDR, NLM_F_DUMP, ++sequence_);
  append(message, ifaddrmsg{});
  if (auto sent = send(message); !sent) return sent.error();

  std::vector<InterfaceAddress> addresses;
  for (bool done = false; !done;) {
    const auto datagram = receive(socket_.get());
    if (!datagram) return datagram.error();
    eachMessage(*datagram, [&](const nlmsghdr& answer) {
      if (answer.nlmsg_seq != sequence_) return;
      done = done || answer.nlmsg_type == NLMSG_DONE || answer.nlmsg_type == NLMSG_ERROR;
      if (const auto found = parseAddress(answer, *number)) addresses.push_back(*found);
    });
  }
  return addresses;
}

Result<std::uint32_t> Netlink::linkLosses() {
  const auto number = index();
  if (!number) return number.error();
  auto message = header(RTM_GETLINK, 0, ++sequence_);
  ifinfomsg which{};
  which.ifi_index = *number;
  append(message, which);
  if (auto sent = send(message); !sent) return sent.error();
  for (;;) {
    const auto datagram = receive(socket_.get());
    if (!datagram) return datagram.error();
    std::optional<std::uint32_t> losses;
    bool answered = false;
    eachMessage(*datagram, [&](const nlmsghdr& answer) {
      if (answer.nlmsg_seq != sequence_) return;
      answered = true;
      losses = parseLosses(answer);
    });
    if (losses) return *losses;
    if (answered) return failure("link of " + interface_, ENODATA);
  }
}

}  // namespace libra::sidecar
