#include <bpf/libbpf.h>
#include <getopt.h>
#include <pwd.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

#include "modules/steer/load.h"

namespace {

constexpr const char* kHelp =
    R"(Usage: libra-steer --pins FOLDER [--user NAME] [--unload] [--verbose]

Loads the program which gives connections to any address and port to the proxy's listening
sockets, attaches it to the network namespace it is run in, and exits. The sidecar then
needs no privilege to say which addresses and ports those are. Run again, it changes nothing.

  --pins FOLDER  where the pins are kept, one folder for each network namespace;
                 a bpffs is mounted there unless FOLDER is on one (/sys/fs/bpf/libra)
  --user NAME    to whom the maps belong: the sidecar's user (default: who runs this)
  --unload       end steering and remove the pins
  --verbose      print what libbpf says
  --help         print this

It needs CAP_BPF and CAP_NET_ADMIN, and CAP_SYS_ADMIN where it has to mount. It exits with
0 when steering works, 1 when it does not, 2 when it was called wrongly.
)";

struct Arguments {
  std::string pins;
  uid_t uid = ::geteuid();
  gid_t gid = ::getegid();
  bool unload = false, verbose = false, help = false, wrong = false;
};

int saySilent(libbpf_print_level, const char*, va_list) { return 0; }

Arguments wrong(const std::string& why) {
  std::fprintf(stderr, "libra-steer: %s; see --help\n", why.c_str());
  Arguments arguments;
  arguments.wrong = true;
  return arguments;
}

Arguments read(int argc, char** argv) {
  static const option kOptions[] = {
      {"pins", required_argument, nullptr, 'p'}, {"user", required_argument, nullptr, 'u'},
      {"unload", no_argument, nullptr, 'x'},     {"verbose", no_argument, nullptr, 'v'},
      {"help", no_argument, nullptr, 'h'},       {}};
  Arguments arguments;
  for (int option = 0; (option = ::getopt_long(argc, argv, "", kOptions, nullptr)) != -1;) {
    if (option == 'p') arguments.pins = optarg;
    if (option == 'x') arguments.unload = true;
    if (option == 'v') arguments.verbose = true;
    if (option == 'h') arguments.help = true;
    if (option == '?') return wrong("wrong arguments");
    if (option != 'u') continue;
    const passwd* user = ::getpwnam(optarg);
    if (!user) return wrong(std::string("no user '") + optarg + "' on this host");
    arguments.uid = user->pw_uid;
    arguments.gid = user->pw_gid;
  }
  if (optind < argc) return wrong(std::string("what is '") + argv[optind] + "'");
  if (arguments.pins.empty() && !arguments.help) return wrong("--pins is needed");
  return arguments;
}

}  // namespace

int main(int argc, char** argv) {
  const auto arguments = read(argc, argv);
  if (arguments.wrong) return 2;
  if (arguments.help) return std::fputs(kHelp, stdout) < 0 ? 1 : 0;
  if (!arguments.verbose) libbpf_set_print(saySilent);
  const auto done = arguments.unload ? libra::steer::unload(arguments.pins)
                                     : libra::steer::load(arguments.pins, arguments.uid, arguments.gid);
  if (!done) std::fprintf(stderr, "libra-steer: %s\n", done.error().message.c_str());
  return done ? 0 : 1;
}
