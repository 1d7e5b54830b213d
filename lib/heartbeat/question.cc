#include "lib/heartbeat/question.h"

#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <utility>

namespace libra::heartbeat {

namespace {

constexpr std::string_view kRequest = "GET / HTTP/1.0\r\n\r\n";

}  // namespace

Question::Question(EventLoop& loop, const Endpoint& proxy, Millis patience, Answered answered)
    : answered_(std::move(answered)),
      socket_(::bufferevent_socket_new(loop.base(), -1, BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS)),
      patience_(loop, [this] { end(ProxyState::Silent); }) {
  if (!socket_) std::abort();
  ::bufferevent_setcb(socket_.get(), onRead, nullptr, onEvent, this);
  ::bufferevent_enable(socket_.get(), EV_READ | EV_WRITE);
  ::bufferevent_write(socket_.get(), kRequest.data(), kRequest.size());
  patience_.once(patience);
  const SocketAddress address(proxy);
  // A failure that is known at once comes to event() as well.
  ::bufferevent_socket_connect(socket_.get(), address.get(), static_cast<int>(address.size));
}

void Question::event(short what) {
  if ((what & BEV_EVENT_CONNECTED) != 0) return;
  const int error = EVUTIL_SOCKET_ERROR();
  // Anything but the host's own word says nothing: the patience decides.
  if ((what & BEV_EVENT_ERROR) != 0 && (error == ECONNREFUSED || error == ECONNRESET)) end(ProxyState::Refused);
}

void Question::end(ProxyState state) {
  patience_.cancel();
  ::bufferevent_disable(socket_.get(), EV_READ | EV_WRITE);
  if (const auto answered = std::exchange(answered_, nullptr)) answered(state);
}

}  // namespace libra::heartbeat
