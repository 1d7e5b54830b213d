#include "modules/steer/load.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "lib/base/handles.h"
#include "modules/steer/steer.h"
#include "steer.skel.h"

namespace libra::steer {

namespace {

namespace fs = std::filesystem;

using Program = std::unique_ptr<::steer, FreeWith<steer__destroy>>;
using Link = std::unique_ptr<bpf_link, FreeWith<bpf_link__destroy>>;

Error failed(const std::string& step, int error) {
  const char* advice = error == EPERM || error == EACCES ? "; it takes root, or CAP_BPF and CAP_NET_ADMIN" : "";
  return {ErrorCode::Unavailable, fmt::format("cannot {}: {}{}", step, std::strerror(error), advice)};
}

bool isBpffs(const std::string& folder) {
  struct statfs about {};
  return ::statfs(folder.c_str(), &about) == 0 && about.f_type == static_cast<decltype(about.f_type)>(BPF_FS_MAGIC);
}

Status makeFolder(const std::string& pins) {
  std::error_code error;
  fs::create_directories(pins, error);
  if (error) return failed("make " + pins, error.value());
  if (isBpffs(pins)) return ok();
  if (::mount("bpf", pins.c_str(), "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0755") != 0)
    return failed("mount a bpffs at " + pins, errno);
  return ok();
}

Status pinMap(bpf_map* map, const std::string& pin, uid_t uid, gid_t gid) {
  if (const int error = bpf_map__pin(map, pin.c_str()); error != 0) return failed("pin " + pin, -error);
  if (::chown(pin.c_str(), uid, gid) != 0 || ::chmod(pin.c_str(), 0600) != 0) return failed("give away " + pin, errno);
  return ok();
}

Status attach(const bpf_program* program, const std::string& pin) {
  const Fd name_space(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
  if (!name_space) return failed("open the network namespace", errno);
  const Link link(bpf_program__attach_netns(program, name_space.get()));
  if (!link) return failed("attach the program to the network namespace", errno);
  if (const int error = bpf_link__pin(link.get(), pin.c_str()); error != 0) return failed("pin " + pin, -error);
  return ok();
}

// At once: the kernel frees a link that lost its pin only after a while.
Status detach(const std::string& pin) {
  const Fd link(bpf_obj_get(pin.c_str()));
  if (!link && errno == ENOENT) return ok();
  if (!link || bpf_link_detach(link.get()) != 0) return failed("detach the program", errno);
  return ok();
}

}  // namespace

Status load(const std::string& pins, uid_t uid, gid_t gid) {
  if (auto made = makeFolder(pins); !made) return made;
  if (fs::exists(pins + "/" STEER_PIN_LINK)) return ok();
  if (auto removed = unload(pins); !removed) return removed;  // what a load that did not end left

  const Program program(steer__open_and_load());
  if (!program) return failed("load the program into the kernel", errno);
  if (auto pinned = pinMap(program->maps.vips, pins + "/" STEER_PIN_VIPS, uid, gid); !pinned) return pinned;
  if (auto pinned = pinMap(program->maps.listeners, pins + "/" STEER_PIN_LISTENERS, uid, gid); !pinned) return pinned;
  return attach(program->progs.steer, pins + "/" STEER_PIN_LINK);
}

Status unload(const std::string& pins) {
  if (auto detached = detach(pins + "/" STEER_PIN_LINK); !detached) return detached;
  for (const char* name : {STEER_PIN_LINK, STEER_PIN_LISTENERS, STEER_PIN_VIPS})
    if (const auto pin = pins + "/" + name; ::unlink(pin.c_str()) != 0 && errno != ENOENT)
      return failed("remove " + pin, errno);
  return ok();
}

}  // namespace libra::steer
