#include "tests/chaos/nemesis.h"

#include <algorithm>
#include <csignal>
#include <iostream>

namespace libra::test {

namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr const char* kParts[] = {"controller", "controller-2", "gearmand", "gearmand-2", "job-front", "job-front-2"};
constexpr milliseconds kShortest{500}, kLongest{6000};  // a fault lasts
constexpr milliseconds kRest{2500};                     // between two, at most
constexpr int kSkew = 60;                               // seconds, either way; sealed jobs bear 300

}  // namespace

Nemesis::Nemesis(WholeLibra& libra, std::uint32_t seed) : libra_(libra), random_(seed), thread_([this] { run(); }) {}

void Nemesis::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

void Nemesis::run() {
  while (!stopping_) {
    deal(choose());
    std::this_thread::sleep_for(milliseconds(random(kRest.count())));
  }
}

void Nemesis::deal(const Fault& fault) {
  const milliseconds lasts(kShortest.count() + random((kLongest - kShortest).count()));
  std::cout << "  nemesis: " << fault.name << ", " << lasts.count() << " ms" << std::endl;
  Blow blow{Clock::now(), {}, fault.name, fault.device};
  fault.strike();
  std::this_thread::sleep_for(lasts);
  fault.mend();
  blow.mended = Clock::now();
  blows_.push_back(std::move(blow));
}

Nemesis::Fault Nemesis::choose() {
  const auto& part = kParts[random(std::size(kParts))];
  switch (random(10)) {
    case 0:
    case 1:
      return killPart(part);
    case 2:
      return freezePart(part);
    case 3:
      return onDatabaseNode();
    case 4:
      return cutOff(random(2) == 0 ? "ctl" : "jobs");
    case 5:
      return skewClock();
    case 6:
      return fillDisk();
    case 7:
      return cutConnections();
    default:
      return onDevice();
  }
}

Nemesis::Fault Nemesis::killPart(const std::string& part) {
  return {"kill " + part, "", [this, part] { libra_.lab().kill(part); }, [this] { libra_.revive(); }};
}

Nemesis::Fault Nemesis::freezePart(const std::string& part) {
  return {"freeze " + part, "", [this, part] { libra_.lab().kill(part, SIGSTOP); },
          [this, part] { libra_.lab().kill(part, SIGCONT); }};
}

Nemesis::Fault Nemesis::onDatabaseNode() {
  const auto node = static_cast<std::size_t>(random(GaleraCluster::kNodes));
  const auto mend = [this] { libra_.onDatabase([](GaleraCluster& galera) { galera.heal(); }); };
  const auto strike = [this, node](void (*how)(GaleraCluster&, std::size_t)) {
    return [this, node, how] { libra_.onDatabase([&](GaleraCluster& galera) { how(galera, node); }); };
  };
  const auto of = " database node " + std::to_string(node);
  switch (random(3)) {
    case 0:
      return {"kill" + of, "", strike([](GaleraCluster& g, std::size_t n) { g.node(n).process().kill(); }), mend};
    case 1:
      return {"freeze" + of, "", strike([](GaleraCluster& g, std::size_t n) { g.node(n).process().signal(SIGSTOP); }),
              mend};
    default:
      return {"isolate" + of, "", strike([](GaleraCluster& g, std::size_t n) { g.isolate(n); }), mend};
  }
}

// Mostly one that serves.
std::string Nemesis::aDevice() {
  auto names = libra_.deviceNames();
  const auto holds = [this](const std::string& name) { return libra_.holdsVip(name); };
  if (random(4) != 0 && std::any_of(names.begin(), names.end(), holds)) std::erase_if(names, std::not_fn(holds));
  return names[static_cast<std::size_t>(random(static_cast<int>(names.size())))];
}

// Its host starts again what ends; a device that was given up is removed under our hands.
Nemesis::Fault Nemesis::onDevice() {
  const auto device = aDevice();
  const auto part = "devices/" + device + (random(2) == 0 ? "/sidecar" : "/haproxy");
  const auto signal = [this, part](int number) {
    return [this, part, number] {
      try {
        libra_.lab().kill(part, number);
      } catch (const std::runtime_error&) {
      }
    };
  };
  switch (random(3)) {
    case 0:
      return {"kill " + part, device, signal(SIGKILL), [] {}};
    case 1:
      return {"freeze " + part, device, signal(SIGSTOP), signal(SIGCONT)};
    default:
      return cutOff(device, device);
  }
}

Nemesis::Fault Nemesis::skewClock() {
  const std::string controller = random(2) == 0 ? "controller" : "controller-2";
  const std::chrono::seconds by(random(2 * kSkew + 1) - kSkew);
  return {"set the clock of " + controller + " by " + std::to_string(by.count()) + " s", "",
          [this, controller, by] { libra_.skewClock(controller, by); },
          [this, controller] { libra_.skewClock(controller, {}); }};
}

Nemesis::Fault Nemesis::fillDisk() {
  return {"fill the disk of the devices", "", [this] { libra_.fillDevicesDisk(); },
          [this] { libra_.freeDevicesDisk(); }};
}

// They are made again at once; who is not lost needs no failover.
Nemesis::Fault Nemesis::cutConnections() {
  const std::string machine = random(3) == 0 ? "jobs" : random(2) == 0 ? "ctl" : aDevice();
  return {"cut the connections of " + machine, "", [this, machine] { cut_ += libra_.cutConnections(machine); }, [] {}};
}

Nemesis::Fault Nemesis::cutOff(const std::string& machine, const std::string& device) {
  const std::string may_go = device.empty() ? "" : " || true";
  const auto link = [this, cable = libra_.cableOf(machine), may_go](const std::string& state) {
    return [this, cable, state, may_go] {
      shell("ip -n " + libra_.lab().netns("net") + " link set " + cable + " " + state + may_go);
    };
  };
  return {"cut off " + machine, device, link("down"), link("up")};
}

}  // namespace libra::test
