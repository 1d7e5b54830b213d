#include "tests/support/galera_cluster.h"

#include <fmt/format.h>
#include <signal.h>

#include <filesystem>
#include <set>
#include <stdexcept>

namespace libra::test {

namespace {

// Group timeouts fit for one machine: by default a lost node is waited for 5 s.
constexpr const char* kTimeouts =
    "pc.announce_timeout=PT0.3S;evs.join_retrans_period=PT0.2S;evs.inactive_check_period=PT0.2S;"
    "gmcast.peer_timeout=PT3S;evs.keepalive_period=PT0.3S;evs.suspect_timeout=PT1.5S;evs.inactive_timeout=PT4S;"
    "evs.install_timeout=PT4S;repl.causal_read_timeout=PT5S";

constexpr const char* kUser = "mysql";  // rsync, started by root, becomes nobody

constexpr const char* kGalera[] = {"--binlog-format=ROW",
                                   "--innodb-autoinc-lock-mode=2",
                                   "--wsrep-on=ON",
                                   "--wsrep-provider=/usr/lib/galera/libgalera_smm.so",
                                   "--wsrep-sst-method=rsync",
                                   "--wsrep-slave-threads=2"};

std::string onLoopback(int port) { return "127.0.0.1:" + std::to_string(port); }

// `name`: up to 32 bytes, else its nodes do not understand each other.
std::vector<std::string> galeraArguments(const std::string& name, const std::string& group, int ist, int sst,
                                         const std::string& members, bool first) {
  std::vector<std::string> all(std::begin(kGalera), std::end(kGalera));
  all.push_back(fmt::format("--wsrep-cluster-name={}", name));
  all.push_back(fmt::format("--wsrep-cluster-address=gcomm://{}", members));
  all.push_back(fmt::format("--wsrep-node-address={}", group));
  all.push_back(fmt::format("--wsrep-sst-receive-address={}", onLoopback(sst)));
  all.push_back(
      fmt::format("--wsrep-provider-options=gmcast.listen_addr=tcp://{0};ist.recv_addr={1};ist.recv_bind={1};"
                  "gcache.size=16M;gcache.page_size=16M;{2}",
                  group, onLoopback(ist), kTimeouts));
  if (first) all.push_back("--wsrep-new-cluster");
  return all;
}

// Of a node that was the first of a cluster and ended cleanly: its copies know each other's
// history and need no transfer to join.
void makeNodeData(const std::string& folder) {
  const auto group = onLoopback(freePort());
  MariadbProcess first(galeraArguments(group, group, freePort(), freePort(), group, true),
                       MariadbProcess::templateData(), kUser);
  first.process().signal(SIGTERM);
  if (!waitFor([&] { return first.process().hasEnded(); }, std::chrono::seconds(60)))
    throw std::runtime_error("the first Galera node does not end");
  std::filesystem::copy(first.data(), folder, std::filesystem::copy_options::recursive);
}

}  // namespace

GaleraCluster::GaleraCluster() {
  const auto data = MariadbProcess::preparedData("galera", makeNodeData);
  for (auto& node : nodes_) node = {freePort(), freePort(), freePort(), nullptr};
  // One after the other: views of two that join at once collide, and take twice as long.
  for (std::size_t i = 0; i < kNodes; ++i) {
    nodes_[i].server = std::make_unique<MariadbProcess>(argumentsOf(nodes_[i], i == 0), data, kUser);
    waitUntilSynced(i, i + 1);
  }
}

std::vector<std::string> GaleraCluster::argumentsOf(const Node& node, bool first) const {
  std::string members;
  for (const auto& each : nodes_) members.append(members.empty() ? "" : ",").append(onLoopback(each.group));
  return galeraArguments(onLoopback(nodes_[0].group), onLoopback(node.group), node.ist, node.sst, members, first);
}

void GaleraCluster::waitUntilSynced(std::size_t index, std::size_t members) {
  auto& server = node(index);
  const auto holds = [&] {
    return server.ask("SHOW STATUS LIKE 'wsrep_local_state_comment'") == "Synced" &&
           server.ask("SHOW STATUS LIKE 'wsrep_cluster_size'") == std::to_string(members);
  };
  if (!waitFor(holds, std::chrono::seconds(60)))
    throw std::runtime_error("a Galera node is not in step:\n" + server.process().output());
}

store::mysql::Options GaleraCluster::options(const std::string& schema, std::size_t preferred) const {
  auto options = nodes_[0].server->options(schema);
  options.servers.clear();
  for (std::size_t i = 0; i < kNodes; ++i)
    options.servers.push_back(onLoopback(nodes_[(preferred + i) % kNodes].server->port()));
  return options;
}

void GaleraCluster::isolate(std::size_t index) {
  node(index).ask("SET GLOBAL wsrep_provider_options='gmcast.isolate=1'");
}

void GaleraCluster::restart(std::size_t index) { node(index).restart(argumentsOf(nodes_[index], false)); }

void GaleraCluster::heal() {
  for (std::size_t i = 0; i < kNodes; ++i) {
    node(i).process().signal(SIGCONT);
    if (node(i).process().hasEnded())
      restart(i);
    else
      node(i).ask("SET GLOBAL wsrep_provider_options='gmcast.isolate=0'");
  }
  // A thawed node says for a moment that all is well, but remembers an older view.
  const auto agree = [&] {
    std::set<std::string> views;
    for (std::size_t i = 0; i < kNodes; ++i) views.insert(node(i).ask("SHOW STATUS LIKE 'wsrep_cluster_conf_id'"));
    return views.size() == 1;
  };
  do {
    for (std::size_t i = 0; i < kNodes; ++i) waitUntilSynced(i, kNodes);
  } while (!agree());
}

}  // namespace libra::test
