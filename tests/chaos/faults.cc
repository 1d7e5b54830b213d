#include "tests/chaos/faults.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <memory>

#include "tests/chaos/impostor.h"
#include "tests/chaos/steady_readers.h"
#include "tests/support/child_process.h"

namespace libra::test {

namespace {

using std::chrono::seconds;

constexpr int kSkew = 60;           // seconds, either way; sealed jobs bear 300
constexpr int kSparesToMoveTo = 5;  // clients take them too, and none is built without the helper
constexpr seconds kPoolFills{30};
constexpr seconds kGivesUp{10};     // from the link's return; the machine is crowded
constexpr std::size_t kStolen = 2;  // functions an impostor serves
constexpr int kAsked = 100;         // before and after a database node dies

// The node that most sessions of controllers are at.
std::size_t busiest(GaleraCluster& galera) {
  std::pair<int, std::size_t> most{-1, 0};
  for (std::size_t n = GaleraCluster::kNodes; n-- > 0;) {
    const auto sessions = galera.node(n).ask("SELECT COUNT(*) FROM information_schema.processlist WHERE db = 'libra'");
    most = std::max(most, {std::atoi(sessions.c_str()), n});
  }
  return most.second;
}

}  // namespace

std::vector<Faults::Kind> Faults::kinds() {
  return {
      &Faults::killController,  &Faults::freezeController, &Faults::skewController,     &Faults::killJobServer,
      &Faults::freezeJobServer, &Faults::killDatabaseNode, &Faults::freezeDatabaseNode, &Faults::isolateDatabaseNode,
      &Faults::cutOffMachine,   &Faults::cutConnections,   &Faults::fillDisk,           &Faults::killOnDevice,
      &Faults::freezeOnDevice,  &Faults::cutOffDevice,     &Faults::returnUnfenced,     &Faults::meddleAtProxies,
      &Faults::imposture};
}

Fault Faults::killController() { return killPart(controller()); }
Fault Faults::freezeController() { return freezePart(controller()); }
Fault Faults::killJobServer() { return killPart(jobServer()); }
Fault Faults::freezeJobServer() { return freezePart(jobServer()); }

std::string Faults::jobServer() {
  constexpr const char* kParts[] = {"gearmand", "gearmand-2", "job-front", "job-front-2"};
  return kParts[random(std::size(kParts))];
}

Fault Faults::killPart(const std::string& part) {
  return {"kill " + part, "", [this, part] { libra_.lab().kill(part); }, [this] { libra_.revive(); }};
}

Fault Faults::freezePart(const std::string& part) {
  return {"freeze " + part, "", [this, part] { libra_.lab().kill(part, SIGSTOP); },
          [this, part] { libra_.lab().kill(part, SIGCONT); }};
}

Fault Faults::skewController() {
  const auto name = controller();
  const seconds by(random(2 * kSkew + 1) - kSkew);
  return {"set the clock of " + name + " by " + std::to_string(by.count()) + " s", "",
          [this, name, by] { libra_.skewClock(name, by); }, [this, name] { libra_.skewClock(name, {}); }};
}

// Mostly the first node, which all controllers write to while it is well.
Fault Faults::onDatabase(const std::string& what, void (*how)(GaleraCluster&, std::size_t)) {
  const auto node = static_cast<std::size_t>(random(2) == 0 ? 0 : random(GaleraCluster::kNodes));
  return {what + " database node " + std::to_string(node), "",
          [this, node, how] { libra_.onDatabase([&](GaleraCluster& galera) { how(galera, node); }); },
          [this] { libra_.onDatabase([](GaleraCluster& galera) { galera.heal(); }); }};
}

// The one that is written to, while many ask: no client hears of it.
Fault Faults::killDatabaseNode() {
  const auto node = libra_.onDatabase([](GaleraCluster& galera) { return busiest(galera); });
  const auto strike = [this, node] {
    SteadyReaders readers(libra_.lab());
    const bool before = readers.areAnswered(kAsked);
    libra_.onDatabase([node](GaleraCluster& galera) { galera.node(node).process().kill(); });
    if (!before || !readers.areAnswered(kAsked)) wrong_.push_back("nobody was answered when a database node died");
    for (auto& refusal : readers.stop()) refusals_.push_back(std::move(refusal));
  };
  return {"kill database node " + std::to_string(node), "", strike,
          [this] { libra_.onDatabase([](GaleraCluster& galera) { galera.heal(); }); }};
}

Fault Faults::freezeDatabaseNode() {
  auto fault =
      onDatabase("freeze", [](GaleraCluster& galera, std::size_t n) { galera.node(n).process().signal(SIGSTOP); });
  fault.stops_database = true;
  return fault;
}

Fault Faults::isolateDatabaseNode() {
  auto fault = onDatabase("isolate", [](GaleraCluster& galera, std::size_t n) { galera.isolate(n); });
  fault.stops_database = true;
  return fault;
}

Fault Faults::cutOffMachine() {
  const std::string machine = random(2) == 0 ? "ctl" : "jobs";
  return {"cut off " + machine, "", [this, machine] { libra_.lab().setLink(machine, false); },
          [this, machine] { libra_.lab().setLink(machine, true); }};
}

// They are made again at once; who is not lost needs no failover.
Fault Faults::cutConnections() {
  const std::string machine = random(3) == 0 ? "jobs" : random(2) == 0 ? "ctl" : aDevice();
  return {"cut the connections of " + machine, "", [this, machine] { cut_ += libra_.cutConnections(machine); }, [] {}};
}

Fault Faults::fillDisk() {
  return {"fill the disk of the devices", "", [this] { libra_.fillDevicesDisk(); },
          [this] { libra_.freeDevicesDisk(); }};
}

// Mostly one that serves.
std::string Faults::aDevice() { return random(4) != 0 ? aServingDevice() : oneOf(libra_.deviceNames()); }

std::string Faults::aServingDevice() {
  auto names = libra_.deviceNames();
  std::erase_if(names, [this](const std::string& name) { return libra_.vipsOn(name).empty(); });
  return oneOf(names);  // one at least serves what nobody touches
}

// Its host starts again what ends; a device that was given up is removed under our hands.
Fault Faults::onDevice(const std::string& what, int strike, int mend) {
  const auto device = aDevice();
  const auto part = "devices/" + device + (random(2) == 0 ? "/sidecar" : "/haproxy");
  const auto signal = [this, part](int number) {
    return [this, part, number] {
      try {
        if (number != 0) libra_.lab().kill(part, number);
      } catch (const std::runtime_error&) {
      }
    };
  };
  return {what + " " + part, device, signal(strike), signal(mend)};
}

Fault Faults::killOnDevice() { return onDevice("kill", SIGKILL, 0); }
Fault Faults::freezeOnDevice() { return onDevice("freeze", SIGSTOP, SIGCONT); }

Fault Faults::cutOffDevice() {
  const auto device = aDevice();
  return {"cut off " + device, device, [this, device] { libra_.lab().setLink(device, false); },
          [this, device] { libra_.lab().setLink(device, true); }};
}

// The one that serves what nobody touches. Nobody can fence it, and no job reaches it: that its
// VIP has one holder again is in what it hears from those who watch it.
Fault Faults::returnUnfenced() {
  waitFor([this] { return libra_.spares() >= kSparesToMoveTo; }, kPoolFills);
  const auto device = libra_.ownerOf(lasting_vip_);
  const auto strike = [this, device] {
    libra_.lab().kill("netns-helper");
    libra_.lab().setLink(device, false);
  };
  const auto mend = [this, device] {
    const bool moved = waitFor([&] { return libra_.ownerOf(lasting_vip_) != device; });
    libra_.lab().setLink("jobs", false);
    libra_.lab().setLink(device, true);
    if (moved) expectGivenUp(device);
    libra_.lab().setLink("jobs", true);
    libra_.revive();
  };
  return {"cut off " + device + " that nobody can fence", device, strike, mend};
}

void Faults::expectGivenUp(const std::string& device) {
  ++returned_;
  const auto gaveUp = [&] {
    const auto held = libra_.vipsOn(device);
    return std::find(held.begin(), held.end(), lasting_vip_) == held.end();
  };
  if (!waitFor(gaveUp, kGivesUp)) wrong_.push_back(device + " came back and kept " + lasting_vip_);
}

// What somebody changes at a proxy's own socket is put right, and nobody is told that all is well.
Fault Faults::meddleAtProxies() {
  return {"disable a node on every device, at its proxy's socket", "",
          [this] {
            for (const auto& device : libra_.deviceNames()) disabled_ += libra_.disableANode(device);
          },
          [] {}};
}

Fault Faults::imposture() {
  const auto taken = aDevice();
  auto impostor = std::make_shared<Impostor>(libra_.lab(), taken);
  const auto strike = [this, impostor, taken] {
    auto others = libra_.deviceNames();
    std::erase(others, taken);
    orders_refused_ += impostor->order(others);
    std::shuffle(others.begin(), others.end(), random_);
    others.resize(std::min(others.size(), kStolen));
    impostor->serveInsteadOf(others);
  };
  const auto mend = [this, impostor] {
    impostor->stop();
    stolen_ += impostor->stolen();
    for (const auto& each : impostor->achieved()) wrong_.push_back(each);
  };
  return {"give orders with the certificate of " + taken, "", strike, mend};
}

}  // namespace libra::test
