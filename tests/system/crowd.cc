#include "tests/system/crowd.h"

#include <poll.h>

namespace libra::test {

namespace {

constexpr int kKeepers = 8;  // threads that look after those who mostly wait
constexpr std::chrono::milliseconds kLook{250}, kBreath{20};

bool wasSentAway(const RawClient& client) {
  pollfd state{client.fd(), POLLRDHUP, 0};
  return ::poll(&state, 1, 0) > 0 && (state.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

}  // namespace

void Crowd::come() {
  const int waiting = plan_.idle + plan_.wicked;
  for (int i = 0; i < kKeepers; ++i)
    threads_.emplace_back([=, this] { lookAfter(waiting * i / kKeepers, waiting * (i + 1) / kKeepers); });
  for (int i = 0; i < plan_.busy; ++i) threads_.emplace_back([this] { beBusy(); });
  while (arrived_ < waiting + plan_.busy) std::this_thread::sleep_for(kLook);
}

void Crowd::leave() {
  leaving_ = true;
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}

void Crowd::beBusy() {
  RawClient client(plan_.port, plan_.tls);
  ++arrived_;
  std::vector<double> times;
  while (!leaving_) {
    const auto begun = std::chrono::steady_clock::now();
    if (!asks(client)) break;
    times.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun).count());
    std::this_thread::sleep_for(kBreath);
  }
  auto seen = seen_.lock();
  seen->times.insert(seen->times.end(), times.begin(), times.end());
}

void Crowd::lookAfter(int first, int last) {
  std::vector<Client> clients;
  for (int i = first; i < last && !leaving_; ++i, ++arrived_) clients.push_back(newClient(i));
  while (!leaving_) {
    std::this_thread::sleep_for(kLook);
    for (std::size_t i = 0; i < clients.size() && !leaving_; ++i) {
      if (!wasSentAway(*clients[i])) continue;
      clients[i] = newClient(first + static_cast<int>(i));
      ++seen_.lock()->came_again;
    }
  }
  for (std::size_t i = 0; i < clients.size() && first + static_cast<int>(i) < plan_.idle; ++i)
    seen_.lock()->idle_answers += wasSentAway(*clients[i]) || asks(*clients[i]);
}

Crowd::Client Crowd::newClient(int number) {
  auto client = std::make_unique<RawClient>(plan_.port, plan_.tls);
  if (number < plan_.idle)
    asks(*client);
  else if (number % 2 == 0)
    client->send(plan_.request.substr(0, plan_.request.size() / 2));
  else
    for (int i = 0; i < 50; ++i) client->send(plan_.request);
  return client;
}

bool Crowd::asks(RawClient& client) {
  if (!client.connected()) return complain("not connected: " + client.failure()), false;
  const auto answer = client.send(plan_.request) ? client.readAnswer() : "";
  if (answer.starts_with("HTTP/1.1 200 ")) return true;
  return complain(answer.empty() ? "no answer" : answer.substr(0, answer.find('\r'))), false;
}

}  // namespace libra::test
