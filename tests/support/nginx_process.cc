#include "tests/support/nginx_process.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "lib/base/files.h"
#include "lib/base/handles.h"

namespace libra::test {

namespace {

std::string contentsOf(const std::string& file) {
  auto text = readFile(file);
  return text ? *std::move(text) : std::string();
}

std::string configuration(const NginxProcess::Blocks& blocks) {
  std::string text = "load_module /usr/lib/nginx/modules/ngx_stream_module.so;\n";
  if (!blocks.modules.empty())
    for (const auto* name : {"ngx_http_libra_module", "ngx_stream_libra_module"})
      text += "load_module " + blocks.modules + "/" + name + ".so;\n";
  text += "user root; worker_processes " + std::to_string(blocks.workers) +
          "; pid nginx.pid; error_log error.log info;\n" + blocks.main +
          "\nevents { worker_connections 1024; }\nhttp { access_log off;\n";
  for (const auto* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
    text += std::string(kind) + "_temp_path " + kind + ";\n";
  text += blocks.http + "\n}\n";
  return blocks.stream.empty() ? text : text + "stream {\n" + blocks.stream + "\n}\n";
}

Fd connectTo(const std::string& socket) {
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, socket.c_str(), sizeof address.sun_path - 1);
  if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error("cannot connect to " + socket);
  return fd;
}

void sendWith(int fd, const std::string& text, const std::vector<int>& descriptors) {
  iovec part{const_cast<char*>(text.data()), text.size()};
  std::vector<char> control(CMSG_SPACE(descriptors.size() * sizeof(int)));
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (!descriptors.empty()) {
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    auto* head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(descriptors.size() * sizeof(int));
    std::memcpy(CMSG_DATA(head), descriptors.data(), descriptors.size() * sizeof(int));
  }
  auto sent = ::sendmsg(fd, &message, MSG_NOSIGNAL);
  for (auto at = sent; sent > 0 && at < static_cast<ssize_t>(text.size()); at += sent)
    sent = ::send(fd, text.data() + at, text.size() - static_cast<std::size_t>(at), MSG_NOSIGNAL);
}

std::string receiveWith(int fd, std::vector<int>* received) {
  std::string text;
  char buffer[16384];
  alignas(cmsghdr) char control[CMSG_SPACE(253 * sizeof(int))];
  for (;;) {
    iovec part{buffer, sizeof buffer};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = received ? sizeof control : 0;
    const auto got = ::recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
    if (got <= 0) return text;
    text.append(buffer, static_cast<std::size_t>(got));
    for (auto* head = CMSG_FIRSTHDR(&message); head; head = CMSG_NXTHDR(&message, head)) {
      const auto* fds = reinterpret_cast<const int*>(CMSG_DATA(head));
      received->insert(received->end(), fds, fds + (head->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    }
  }
}

}  // namespace

NginxProcess::NginxProcess(const Blocks& blocks) : NginxProcess(configuration(blocks), blocks.workers) {}

NginxProcess::NginxProcess(std::string text, std::size_t workers) : workers_(workers) {
  const std::string relative = "unix:";  // nginx takes it for relative to where it was started
  for (auto at = text.find(relative); at != text.npos; at = text.find(relative, at + 1))
    text.insert(at + relative.size(), directory_.path() + "/");
  std::ofstream(directory_ / "nginx.conf") << text;
  start();
}

NginxProcess::~NginxProcess() { stop(); }

void NginxProcess::start() {
  ChildProcess starter(
      {"/usr/sbin/nginx", "-p", directory_.path(), "-c", directory_ / "nginx.conf", "-e", directory_ / "error.log"},
      directory_ / "start.log");
  // it becomes a daemon, and is answering when the starter has ended
  if (!waitFor([&] { return starter.hasEnded(); }) || !waitFor([&] { return workers().size() == workers_; }))
    throw std::runtime_error("nginx did not start: " + starter.output() + log());
}

void NginxProcess::stop() {
  const pid_t pid = master();
  if (pid == 0) return;
  const auto children = workers();
  ::kill(pid, SIGTERM);
  const auto ended = [&] {
    for (const auto child : children)
      if (runs(child)) return false;
    return !runs(pid);
  };
  if (waitFor(ended)) return;
  ::kill(pid, SIGKILL);
  for (const auto child : children) ::kill(child, SIGKILL);
}

pid_t NginxProcess::master() const {
  const auto text = contentsOf(directory_ / "nginx.pid");
  const auto pid = text.empty() ? 0 : static_cast<pid_t>(std::stol(text));
  return pid && runs(pid) ? pid : 0;
}

std::vector<pid_t> NginxProcess::workers() const {
  const auto pid = std::to_string(master());
  std::istringstream children(contentsOf("/proc/" + pid + "/task/" + pid + "/children"));
  std::vector<pid_t> found;
  for (pid_t child = 0; children >> child;)
    if (contentsOf("/proc/" + std::to_string(child) + "/cmdline").find("worker process") != std::string::npos)
      found.push_back(child);
  return found;
}

std::string NginxProcess::log() const { return contentsOf(directory_ / "error.log"); }

bool NginxProcess::runs(pid_t pid) {
  const auto status = contentsOf("/proc/" + std::to_string(pid) + "/stat");
  return !status.empty() && status.find(") Z ") == std::string::npos;
}

void NginxProcess::reload() {
  const auto before = workers();
  signal(SIGHUP);
  const bool replaced = waitFor([&] {
    const auto now = workers();
    for (const auto pid : before)
      if (runs(pid)) return false;
    return now.size() == workers_;
  });
  if (!replaced) throw std::runtime_error("no reload: " + log());
}

pid_t NginxProcess::upgrade() {
  const auto old = master();
  signal(SIGUSR2);
  if (!waitFor([&] { return master() != old && workers().size() == workers_; }))
    throw std::runtime_error("no new binary: " + log());
  return old;
}

HttpAnswer NginxProcess::ask(const std::string& socket, const std::string& method, const std::string& path,
                             const std::string& body, const std::vector<int>& descriptors,
                             std::vector<int>* received) const {
  const auto fd = connectTo(directory_ / socket);
  sendWith(fd.get(),
           method + " " + path + " HTTP/1.1\r\nHost: libra\r\nConnection: close\r\nContent-Length: " +
               std::to_string(body.size()) + "\r\n\r\n" + body,
           descriptors);
  const auto text = receiveWith(fd.get(), received);
  const auto end = text.find("\r\n\r\n");
  if (end == std::string::npos) return {};
  return {std::stoi(text.substr(9, 3)), text.substr(0, end), text.substr(end + 4)};
}

}  // namespace libra::test
