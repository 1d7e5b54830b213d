#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "lib/tls/context.h"

namespace libra::test {

// A TCP client of 127.0.0.1 that sends any bytes, over TLS when given a context. Waits
// are bounded (20 s); what did not come in time counts as not having come.
class RawClient {
 public:
  explicit RawClient(int port, const tls::Context& context = nullptr, const std::string& host = "127.0.0.1");

  bool connected() const { return connected_; }  // with TLS: the handshake succeeded, else see failure()
  const std::string& failure() const { return failure_; }

  std::string shown() const;  // SHA-1 of the peer's certificate, "" when it showed none

  bool send(std::string_view bytes);            // false when the peer is gone
  std::string readUntil(std::string_view end);  // up to and with `end`; less when the peer closes before
  std::string readAnswer();                     // one HTTP answer with a Content-Length, whole
  std::string readAll();                        // until the peer closes
  bool sawClose();                              // the peer closed (or reset), and did so in time
  bool closedCleanly() const;                   // by close_notify
  bool renegotiates();                          // asks for another handshake; whether the peer took part
  void stopSending();                           // half-close
  void leave();                                 // close, with a reset if something is unread
  int fd() const { return fd_.get(); }

 private:
  long readSome(char* to, std::size_t size);

  Fd fd_;
  tls::Session session_;
  bool connected_ = false;
  bool closed_ = false;
  std::string failure_;
  std::string buffer_;
};

// Whether `condition` becomes true within 20 s.
template <typename Condition>
bool eventually(Condition condition) {
  for (int i = 0; i < 4000; ++i) {
    if (condition()) return true;
    ::usleep(5000);
  }
  return false;
}

}  // namespace libra::test
