#include "bench/floor.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>

#include "bench/running_libra.h"
#include "controller/store/mysql/mysql_store.h"
#include "lib/base/handles.h"
#include "lib/gear/client.h"
#include "lib/gear/tls_pipe.h"
#include "tests/traffic/http_probe.h"

namespace libra::bench {

namespace {

Samples measureCommits(const FloorOptions& options) {
  const store::mysql::Options database{.servers = {"unix:" + options.database_socket},
                                       .user = "root",
                                       .password = {},
                                       .schema = options.schema,
                                       .ca = {}};
  if (const auto migrated = store::mysql::migrate(database); !migrated) die(migrated.error().message);
  auto store = store::mysql::makeStore(database);
  if (!store) die(store.error().message);
  Samples samples;
  for (int i = 0; i < options.rounds; ++i) {
    const double start = nowMs();
    const auto done = (*store)->transact([](service::Txn& txn) -> Status {
      txn.journal().addCounters({{"bench", 1}});
      return ok();
    });
    if (!done) die("commit: " + done.error().message);
    samples.add(nowMs() - start);
  }
  return samples;
}

Samples measureJobs(const FloorOptions& options) {
  Samples samples;
  std::thread([&] {
    if (!traffic::enterNetns(options.netns)) die("network namespace " + options.netns);
    auto pipe = gear::TlsPipe::open(
        {.servers = {options.job_server}, .ca = options.ca, .certificate = options.certificate, .key = options.key});
    if (!pipe) die(pipe.error().message);
    gear::Client client(**pipe, "bench");
    for (int i = -5; i < options.rounds; ++i) {  // the first few connect
      const double start = nowMs();
      const auto answer = client.call(options.device, R"({"hpcs_action":"DISCOVER"})", std::chrono::seconds(5));
      if (!answer) die("job: " + answer.error().message + " " + answer.error().detail);
      if (i >= 0) samples.add(nowMs() - start);
    }
  }).join();
  return samples;
}

// A HAProxy of its own with one empty backend, started in the namespace of the calling thread.
class BareProxy {
 public:
  BareProxy() {
    char name[] = "/tmp/libra-floor-XXXXXX";
    if (::mkdtemp(name) == nullptr) die("mkdtemp");
    folder_ = name;
    std::ofstream(folder_ + "/vip.map");
    std::ofstream(folder_ + "/haproxy.cfg")
        << "global\n stats socket " << folder_ << "/s mode 600 level admin\n"
        << "defaults\n mode http\n timeout connect 5s\n timeout client 30s\n timeout server 30s\n"
        << "frontend f\n bind 127.0.0.1:18999\n use_backend %[dst_port,map(" << folder_ << "/vip.map)]\n"
        << "backend b\n balance roundrobin\n";
    if ((pid_ = ::fork()) == 0) {
      ::execlp("haproxy", "haproxy", "-db", "-q", "-f", (folder_ + "/haproxy.cfg").c_str(), nullptr);
      ::_exit(127);
    }
    while (command("show info\n").empty()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  ~BareProxy() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    std::filesystem::remove_all(folder_);
  }

  std::string command(const std::string& text) const {
    const Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, (folder_ + "/s").c_str(), sizeof address.sun_path - 1);
    if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return {};
    if (::write(fd.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) return {};
    std::string reply;
    char buffer[4096];
    for (ssize_t got; (got = ::read(fd.get(), buffer, sizeof buffer)) > 0;)
      reply.append(buffer, static_cast<std::size_t>(got));
    return reply;
  }
  std::string map() const { return folder_ + "/vip.map"; }

 private:
  std::string folder_;
  pid_t pid_ = 0;
};

std::string addServer(const std::string& name, const std::string& node) {
  return "add server b/" + name + " " + node +
         " check inter 30s pool-max-conn 100 pool-purge-delay 5s;enable server b/" + name + ";enable health b/" + name +
         ";";
}

Samples measureRuntime(const FloorOptions& options) {
  Samples samples;
  std::thread([&] {
    if (!traffic::enterNetns(options.node_netns_client)) die("network namespace " + options.node_netns_client);
    const BareProxy proxy;
    const traffic::HttpProbe client(*NetAddress::parse("127.0.0.1"), 18999);
    for (int i = 0; i < options.rounds; ++i) {
      const double start = nowMs();
      proxy.command(addServer("n1", options.node1) + addServer("n2", options.node2) + "add map " + proxy.map() +
                    " 18999 b\n");
      if (const auto answer = client.get(); answer.status != 200) die("bare proxy: " + std::to_string(answer.status));
      samples.add(nowMs() - start);
      proxy.command("del map " + proxy.map() + " 18999;set server b/n1 state maint;set server b/n2 state maint\n");
      while (!proxy.command("del server b/n1\n").starts_with("Server deleted")) {
      }
      while (!proxy.command("del server b/n2\n").starts_with("Server deleted")) {
      }
    }
  }).join();
  return samples;
}

}  // namespace

Floor measureFloor(const FloorOptions& options) {
  return {measureCommits(options), measureJobs(options), measureRuntime(options)};
}

}  // namespace libra::bench
