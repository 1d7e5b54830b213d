#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

#include "lib/base/handles.h"

namespace libra::test {

// A back end on 127.0.0.1 that answers each HTTP request with 200, its name on the first
// line of the body and the request's head after it; /missing gets 404. Keeps connections.
class TinyBackend {
 public:
  explicit TinyBackend(std::string name);
  ~TinyBackend();

  std::uint16_t port() const { return port_; }
  const std::string& name() const { return name_; }
  int connections() const { return connections_; }

 private:
  void run();
  bool answer(int fd, std::string& request) const;  // false: the connection is done

  std::string name_;
  Fd listener_, stop_;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_{0};
  std::thread thread_;
};

// One request to 127.0.0.1:port on a connection of its own. Status 0: no answer.
struct HttpAnswer {
  int status = 0;
  std::string head, body;
  std::string firstLine() const { return body.substr(0, body.find('\n')); }
};
HttpAnswer httpGet(std::uint16_t port, const std::string& path = "/", const std::string& headers = "",
                   const std::string& address = "127.0.0.1");

// A connection that is kept between requests.
class KeptConnection {
 public:
  explicit KeptConnection(std::uint16_t port, const std::string& address = "127.0.0.1");
  HttpAnswer get(const std::string& path = "/", const std::string& headers = "");

 private:
  Fd fd_;
};

}  // namespace libra::test
