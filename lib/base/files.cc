#include "lib/base/files.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "lib/base/handles.h"

namespace libra {

namespace {

std::string why(int number) { return std::generic_category().message(number); }

Error failure(const std::string& path, const char* step) {
  return Error{ErrorCode::Internal, path + ": cannot " + step + ": " + why(errno)};
}

bool writeAll(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// A rename lasts through a power cut only when its folder is synced too.
bool syncFolderOf(const std::string& path) {
  const auto slash = path.rfind('/');
  const std::string folder = slash == path.npos ? "." : path.substr(0, slash + 1);
  const Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return fd && ::fsync(fd.get()) == 0;
}

}  // namespace

Result<std::string> readFile(const std::string& path, std::size_t most) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return Error{ErrorCode::Invalid, path + ": " + why(errno)};
  std::string content;
  for (char chunk[16384];;) {
    const ssize_t got = ::read(fd.get(), chunk, sizeof chunk);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Error{ErrorCode::Invalid, path + ": " + why(errno)};
    if (got == 0) return content;
    if (content.size() + static_cast<std::size_t>(got) > most)
      return Error{ErrorCode::Invalid, path + ": longer than " + std::to_string(most) + " bytes"};
    content.append(chunk, static_cast<std::size_t>(got));
  }
}

Status replaceFile(const std::string& path, std::string_view content, mode_t mode) {
  std::string aside = path + ".XXXXXX";
  const Fd fd(::mkostemp(aside.data(), O_CLOEXEC));
  if (!fd) return failure(path, "create a file beside it");
  const bool placed = writeAll(fd.get(), content) && ::fchmod(fd.get(), mode) == 0 && ::fsync(fd.get()) == 0 &&
                      ::rename(aside.c_str(), path.c_str()) == 0;
  if (!placed) {
    const Error error = failure(path, "write");
    ::unlink(aside.c_str());
    return error;
  }
  if (!syncFolderOf(path)) return failure(path, "sync its folder");
  return ok();
}

}  // namespace libra
