#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "lib/base/handles.h"

namespace libra::traffic {

// How a client uses connections. Over a TCP load balancer a kept one is a long TCP session.
enum class Habit { Kept, NewEachTime };

// Where a client asks, and how. With TLS it asks for `host`, "": for none, and takes any certificate.
struct Place {
  std::uint16_t port = 0;
  std::string address = "127.0.0.1";
  bool tls = false;
  std::string host{};
};

struct Request {
  std::chrono::steady_clock::time_point begin, end;
  std::string failure;  // "" when it was answered with 200
  std::string shown{};  // SHA-1 of the certificate, if a connection was made for it
};

// Clients that ask one address all the time, each the next request as soon as the last is
// answered. A kept connection that ends without a word is a failure; one whose last answer
// said "Connection: close" is opened anew, as any client does.
class Crowd {
 public:
  Crowd(Habit habit, int clients, const Place& place);
  ~Crowd() { stop(); }

  const Place& place() const { return place_; }

  // Requests that were in flight at some time between two moments:
  //   const auto before = crowd.ended(); …; crowd.begun() - before
  std::uint64_t begun() const;
  std::uint64_t ended() const;

  // Until each client had `more` further answers; false when one had not within ten seconds.
  bool waitForEach(std::uint64_t more) const;

  void stop();
  // All of them, of a crowd that was stopped.
  std::vector<Request> requests() const;

 private:
  struct Client {
    std::atomic<std::uint64_t> begun{0}, ended{0}, answered{0};
    std::vector<Request> requests;  // of its thread while that runs
    std::thread thread;
  };
  void run(Client& client, Habit habit);

  const Place place_;
  std::atomic<bool> stopping_{false};
  std::vector<std::unique_ptr<Client>> clients_;
};

}  // namespace libra::traffic
