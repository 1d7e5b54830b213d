#include "tests/noloss/rows.h"

#include "tests/support/certificates.h"
#include "tests/support/child_process.h"
#include "tests/support/device_states.h"

namespace libra::test {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Change = std::function<void(Scene&)>;

// The same change of the load balancer's attributes as a change of the scene.
template <typename Edit>
Change lb(Edit edit) {
  return [edit](Scene& scene) { edit(scene.changed()); };
}
template <typename Edit>
Change node(std::size_t index, Edit edit) {
  return [edit, index](Scene& scene) { edit(scene.changed().nodes.at(index)); };
}
Change addNodes(int count) {
  return [count](Scene& scene) {
    for (int i = 0; i < count; ++i)
      scene.changed().nodes.push_back(aNode(std::to_string(600 + i), scene.backends.at(2 + i % 2)));
  };
}
Change removeNodes(std::size_t left) {
  return [left](Scene& scene) { scene.changed().nodes.resize(left); };
}
Change algorithm(Algorithm wanted) {
  return lb([=](auto& lb) { lb.algorithm = wanted; });
}
Change persistence(Persistence wanted) {
  return lb([=](auto& lb) { lb.persistence = wanted; });
}
Change listensOn(std::vector<const char*> addresses) {
  return lb([=](auto& lb) {
    lb.addresses.clear();
    for (const auto* address : addresses) lb.addresses.push_back(*NetAddress::parse(address));
  });
}
Change monitor(protocol::MonitorState wanted) {
  return lb([=](auto& lb) { lb.monitor = wanted; });
}
Change access(std::vector<const char*> denied) {
  return lb([=](auto& lb) {
    lb.access_list.clear();
    for (const auto* address : denied) lb.access_list.push_back({*NetAddress::parse(address), 32, false});
  });
}
// Limits that these clients do not come to.
Change throttle(int most) {
  return lb([=](auto& lb) { lb.throttle = protocol::ThrottleState{most, 10, most, seconds(1)}; });
}
Change forwarded(bool wanted) {
  return lb([=](auto& lb) { lb.forwarded = {wanted, wanted, wanted}; });
}
Change logging(bool wanted) {
  return lb([=](auto& lb) { lb.connection_logging = wanted; });
}
Change suspended(bool wanted) {
  return [=](Scene& scene) { scene.device.suspended = wanted; };
}

const Certificates& certificates() {
  static const Certificates kCertificates;
  return kCertificates;
}
void secure(Scene& scene) { scene.changed().tls = aTermination(scene.secure_port, certificates().make()); }
void secureWithHost(Scene& scene) {
  secure(scene);
  scene.changed().tls->mappings = {certificates().make("b.example")};
}
void rotate(Scene& scene) {
  auto& tls = *scene.changed().tls;
  tls.certificate = certificates().make();
  tls.mappings = {certificates().make("b.example")};
}
void redirect(Scene& scene) { scene.changed().https_redirect = true; }
void secureAndRedirect(Scene& scene) {
  secure(scene);
  redirect(scene);
}
// A neighbour is a node that speaks TLS.
void secureNeighbour(Scene& scene) {
  scene.device.load_balancers[1].tls = aTermination(scene.secure_port, certificates().make("", "node.example"));
}
void nodesSpeakTls(Scene& scene) {
  scene.changed().node_tls = {true, certificates().authority(), "node.example"};
  for (auto& node : scene.changed().nodes) {
    node.port = scene.secure_port;
    node.tls = true;
  }
}

void nothing(Scene&) {}
void leave(Scene& scene) { scene.device.load_balancers.erase(scene.device.load_balancers.begin()); }
void becomeTcp(Scene& scene) {
  scene.changed().protocol = Protocol::Tcp;
  scene.changed().persistence = Persistence::None;
}
// What a plain backend is for: the usual times, no persistence.
void becomePlain(Scene& scene) {
  scene.changed().options = {};
  scene.changed().persistence = Persistence::None;
}
Change andThen(Change first, Change second) {
  return [=](Scene& scene) {
    first(scene);
    second(scene);
  };
}
void becomeHttp(Scene& scene) { scene.changed().protocol = Protocol::Http; }
void becomeGalera(Scene& scene) {
  scene.changed().protocol = Protocol::Galera;
  scene.changed().nodes[1].backup = true;
}
void exchangePrimary(Scene& scene) {
  for (auto& node : scene.changed().nodes) node.backup = !node.backup;
}
// Where nobody listens, and nothing steers.
void openAnotherPort(Scene& scene) {
  auto another = scene.plain;
  another.id = "40";
  another.port = static_cast<std::uint16_t>(freePort());
  for (auto& node : another.nodes) node.id += "40";
  scene.device.load_balancers.push_back(std::move(another));
}
void enlist(Scene& scene) { scene.device.load_balancers.insert(scene.device.load_balancers.begin(), scene.plain); }

const auto kDisabled = [](protocol::NodeState& node) { node.enabled = false; };
const auto kEnabled = [](protocol::NodeState& node) { node.enabled = true; };
const auto kBackup = [](protocol::NodeState& node) { node.backup = true; };
const auto kPrimary = [](protocol::NodeState& node) { node.backup = false; };
const auto kDraining = [](protocol::NodeState& node) { node.draining = seconds(0); };
const auto kServing = [](protocol::NodeState& node) { node.draining.reset(); };
const auto kHeavier = [](protocol::NodeState& node) { node.weight = 50; };

}  // namespace

const std::vector<Row>& rows() {
  const protocol::MonitorState http{MonitorType::Http, seconds(20), seconds(10), 3, "/health"};
  auto other_path = http, slower = http, picky = http;
  picky.status_regex = "^20[0-4]$";
  other_path.path = "/other?deep=1";
  slower.delay = seconds(40);
  static const std::vector<Row> kRows{
      {"create", leave, enlist, MayLose::Nobody, false},
      {"delete", nothing, leave, MayLose::TheChanged, true, false},
      {"add a node", nothing, addNodes(1)},
      {"add 100 nodes", nothing, addNodes(100)},
      {"remove a node", nothing, removeNodes(1)},
      {"remove 100 nodes", addNodes(100), removeNodes(2)},
      {"disable a node", nothing, node(0, kDisabled)},
      {"enable a node", node(0, kDisabled), node(0, kEnabled)},
      {"drain a node", nothing, node(0, kDraining)},
      {"end a drain", node(0, kDraining), node(0, kServing)},
      {"weigh a node", nothing, node(0, kHeavier)},
      {"node becomes backup", nothing, node(0, kBackup)},
      {"backup becomes node", node(0, kBackup), node(0, kPrimary)},
      {"node moves to another port", nothing, [](Scene& s) { s.changed().nodes[0].port = s.backends[2]; }},
      {"round robin to least connections", nothing, algorithm(Algorithm::LeastConnections)},
      {"least connections to random", algorithm(Algorithm::LeastConnections), algorithm(Algorithm::Random)},
      {"random to weighted round robin", algorithm(Algorithm::Random), algorithm(Algorithm::WeightedRoundRobin)},
      {"cookie to source persistence", persistence(Persistence::HttpCookie), persistence(Persistence::SourceIp)},
      {"source persistence to none", persistence(Persistence::SourceIp), persistence(Persistence::None)},
      {"none to cookie persistence", persistence(Persistence::None), persistence(Persistence::HttpCookie)},
      {"connect to HTTP monitor", nothing, monitor(http)},
      {"monitor asks another path", monitor(http), monitor(other_path)},
      {"monitor asks less often", monitor(http), monitor(slower)},
      {"monitor wants another status", monitor(http), monitor(picky)},
      {"plain: add a node", becomePlain, addNodes(1)},
      {"plain: remove a node", becomePlain, removeNodes(1)},
      {"plain: cookie persistence on", becomePlain, persistence(Persistence::HttpCookie)},
      {"plain: cookie persistence off", andThen(becomePlain, persistence(Persistence::HttpCookie)), becomePlain},
      {"plain: forwarding headers off", becomePlain, forwarded(false)},
      {"plain: access list on", becomePlain, access({"10.9.9.9"})},
      {"plain: logging on", becomePlain, logging(true)},
      {"forwarding headers off", nothing, forwarded(false)},
      {"forwarding headers on", forwarded(false), forwarded(true)},
      {"logging on", nothing, logging(true)},
      {"logging off", logging(true), logging(false)},
      {"error page", nothing, lb([](auto& lb) { lb.error_page = "<h1>Not now</h1>"; })},
      {"access list: others denied", nothing, access({"10.9.9.9"})},
      {"access list: clients denied", nothing, access({"127.0.0.1"}), MayLose::TheChanged, true, false},
      {"access list: clients let in again", access({"127.0.0.1"}), access({}), MayLose::Nobody, false},
      {"throttle on", nothing, throttle(100'000)},
      {"throttle with other limits", throttle(100'000), throttle(90'000)},
      {"throttle off", throttle(100'000), lb([](auto& lb) { lb.throttle.reset(); })},
      {"server timeout", nothing, lb([](auto& lb) { lb.options.server_timeout = milliseconds(7'000); })},
      {"connect timeout", nothing, lb([](auto& lb) { lb.options.connect_timeout = milliseconds(20'000); })},
      {"retries", nothing, lb([](auto& lb) { lb.options.retries = 9; })},
      {"listen on one more address", listensOn({"127.0.0.1"}), listensOn({"127.0.0.1", "127.0.0.2"})},
      {"listen on one address less", listensOn({"127.0.0.1", "127.0.0.2"}), listensOn({"127.0.0.1"})},
      {"HTTP to TCP", nothing, becomeTcp, MayLose::OpenConnections},
      {"TCP to HTTP", becomeTcp, becomeHttp},
      {"TCP: add a node", becomeTcp, addNodes(1)},
      {"TCP: remove a node", becomeTcp, removeNodes(1)},
      {"TCP: drain a node", becomeTcp, node(0, kDraining)},
      {"TCP: least connections", becomeTcp, algorithm(Algorithm::LeastConnections)},
      {"TCP: client timeout", becomeTcp, lb([](auto& lb) { lb.options.client_timeout = milliseconds(90'000); })},
      {"TCP: half-closed on", becomeTcp, lb([](auto& lb) { lb.half_closed = true; })},
      {"Galera: other primary", becomeGalera, exchangePrimary},
      {"Galera: primary disabled", becomeGalera, node(0, kDisabled)},
      {"TLS on", nothing, secure},
      {"TLS off", secure, lb([](auto& lb) { lb.tls.reset(); }), MayLose::TheChanged, true, false},
      {"certificate for a host added", secure,
       lb([](auto& lb) { lb.tls->mappings = {certificates().make("b.example")}; })},
      {"certificates rotated", secureWithHost, rotate},
      {"certificate for a host removed", secureWithHost, lb([](auto& lb) { lb.tls->mappings.clear(); })},
      {"redirect to HTTPS on", secure, redirect, MayLose::ThePlain},
      {"redirect to HTTPS off", secureAndRedirect, lb([](auto& lb) { lb.https_redirect = false; }), MayLose::ThePlain},
      {"secure only", secure, lb([](auto& lb) { lb.tls->secure_only = true; }), MayLose::ThePlain},
      {"TLS to nodes on", secureNeighbour, nodesSpeakTls},
      {"TLS to nodes off",
       [](Scene& s) {
         secureNeighbour(s);
         nodesSpeakTls(s);
       },
       [](Scene& s) {
         for (std::size_t i = 0; i < 2; ++i) s.changed().nodes[i].port = s.backends[i];
         for (auto& node : s.changed().nodes) node.tls = false;
       }},
      {"suspend", nothing, suspended(true), MayLose::Everybody, true, false},
      {"go on after suspend", suspended(true), suspended(false), MayLose::Nobody, false},
      {"listen where nobody listened", nothing, openAnotherPort, MayLose::Nobody, true, true, true},
  };
  return kRows;
}

}  // namespace libra::test
