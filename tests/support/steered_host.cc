#include "tests/support/steered_host.h"

#include <linux/bpf.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <stdexcept>

#include "lib/base/files.h"
#include "tests/support/paths.h"

namespace libra::test {

bool kernelSteers() {
  // r0 = SK_PASS; exit
  const bpf_insn program[] = {
      {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = SK_PASS},
      {.code = BPF_JMP | BPF_EXIT, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0}};
  bpf_attr load{};
  load.prog_type = BPF_PROG_TYPE_SK_LOOKUP;
  load.expected_attach_type = BPF_SK_LOOKUP;
  load.insns = reinterpret_cast<std::uintptr_t>(program);
  load.insn_cnt = 2;
  load.license = reinterpret_cast<std::uintptr_t>("Apache-2.0");
  const Fd loaded(static_cast<int>(::syscall(SYS_bpf, BPF_PROG_LOAD, &load, sizeof load)));
  const NetworkNamespace name_space;
  bpf_attr link{};
  link.link_create.prog_fd = static_cast<std::uint32_t>(loaded.get());
  link.link_create.target_fd = static_cast<std::uint32_t>(name_space.fd());
  link.link_create.attach_type = BPF_SK_LOOKUP;
  return loaded && Fd(static_cast<int>(::syscall(SYS_bpf, BPF_LINK_CREATE, &link, sizeof link)));
}

void SteeredHost::run(const std::function<void()>& task) const {
  name_space_.run([&] {
    if (::unshare(CLONE_NEWNS) != 0 || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
      throw std::runtime_error("no mount namespace; this test needs root");
    if (std::system("ip link set lo up && ip address add 10.77.9.1/32 dev lo && "
                    "ip address add fd77:9::1/128 dev lo nodad") != 0)
      throw std::runtime_error("no addresses in the namespace");
    task();
  });
}

int SteeredHost::load(const std::string& more) const {
  const auto command =
      binaryDir() + "/bin/libra-steer --pins " + pins() + " " + more + " >" + (folder_ / "said") + " 2>&1";
  return WEXITSTATUS(std::system(command.c_str()));
}

std::string SteeredHost::said() const {
  const auto text = readFile(folder_ / "said");
  return text ? *text : "";
}

}  // namespace libra::test
