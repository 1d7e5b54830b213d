#include "lib/base/owned_files.h"

#include <grp.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include <sys/stat.h>

#include "lib/base/files.h"

namespace libra {

namespace {

Error failed(const std::string& path) {
  return Error{ErrorCode::Internal, path + ": " + std::generic_category().message(errno)};
}

Result<gid_t> groupId(const std::string& name) {
  const group* found = ::getgrnam(name.c_str());
  if (found == nullptr) return Error{ErrorCode::Invalid, "there is no group '" + name + "'"};
  return found->gr_gid;
}

}  // namespace

Status makeFolderFor(const std::string& group, const std::string& path, mode_t mode) {
  const auto gid = groupId(group);
  if (!gid) return gid.error();
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
  if (::mkdir(path.c_str(), mode) != 0 && errno != EEXIST) return failed(path);
  if (::chown(path.c_str(), static_cast<uid_t>(-1), *gid) != 0 || ::chmod(path.c_str(), mode) != 0) return failed(path);
  return ok();
}

// Nobody reads it under its name before it has its mode and, after that, its group: the
// group only adds readers.
Status writeFileFor(const std::string& group, const std::string& path, std::string_view content, mode_t mode) {
  const auto gid = groupId(group);
  if (!gid) return gid.error();
  if (auto written = replaceFile(path, content, mode); !written) return written;
  return ::chown(path.c_str(), static_cast<uid_t>(-1), *gid) == 0 ? ok() : Status(failed(path));
}

}  // namespace libra
