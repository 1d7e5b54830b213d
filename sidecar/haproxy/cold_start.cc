#include "sidecar/haproxy/cold_start.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

#include "lib/base/handles.h"
#include "sidecar/haproxy/certificates.h"
#include "sidecar/haproxy/check_config.h"
#include "sidecar/haproxy/config_text.h"
#include "sidecar/haproxy/step.h"

namespace libra::sidecar::haproxy {

namespace {

namespace fs = std::filesystem;

constexpr const char* kConfigFile = "haproxy.cfg";
constexpr const char* kCertificates = "tls";

Error failed(std::string_view what, const fs::path& path) {
  return Error{ErrorCode::Internal, "The start-up configuration cannot be written",
               fmt::format("{} {}: {}", what, path.string(), std::strerror(errno))};
}

Status syncFolder(const fs::path& folder) {
  const Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::fsync(fd.get()) != 0) return failed("sync", folder);
  return ok();
}

Status writeFile(const fs::path& path, std::string_view text) {
  const Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640));
  if (!fd) return failed("open", path);
  while (!text.empty()) {
    const auto written = ::write(fd.get(), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failed("write", path);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return ::fsync(fd.get()) == 0 ? ok() : failed("sync", path);
}

Status makeFolder(const fs::path& folder) {
  return ::mkdir(folder.c_str(), 0750) == 0 || errno == EEXIST ? ok() : failed("make", folder);
}

// What was there before goes: a key nobody uses any more is not kept.
Status writeCertificates(const ProxyState& state, const fs::path& folder) {
  std::error_code error;
  fs::remove_all(folder / kCertificates, error);
  const auto files = certificateFiles(state, SystemClock().now());
  if (!files) return files.error();
  if (auto status = makeFolder(folder / kCertificates); !status) return status;
  for (const auto& [name, text] : *files) {
    const auto path = folder / name;
    if (auto status = makeFolder(path.parent_path()); !status) return status;
    if (auto status = writeFile(path, text.reveal()); !status) return status;
  }
  return ok();
}

Status writeFolder(const DriverConfig& config, const ProxyState& state, Extent extent, const fs::path& folder) {
  if (auto status = makeFolder(folder); !status) return status;
  if (auto status = writeCertificates(state, folder); !status) return status;
  const auto text = configText(config, state, extent);
  if (!text) return text.error();
  if (auto status = writeFile(folder / kConfigFile, *text); !status) return status;
  for (const auto map : kMapFiles) {
    const auto lines = mapText(entriesOf(state, map));
    if (!lines) return lines.error();
    if (auto status = writeFile(folder / fileName(map), *lines); !status) return status;
  }
  return syncFolder(folder);
}

std::string otherFolder(const fs::path& directory) {
  std::error_code error;
  return fs::read_symlink(directory / "current", error) == "a" ? "b" : "a";
}

// A link that is there already is replaced in one step.
Status pointTo(const fs::path& link, const fs::path& target) {
  std::error_code error;
  if (fs::read_symlink(link, error) == target) return ok();
  auto aside = link;
  aside += ".new";
  fs::remove(aside, error);
  if (::symlink(target.c_str(), aside.c_str()) != 0) return failed("link", aside);
  return ::rename(aside.c_str(), link.c_str()) == 0 ? ok() : failed("rename", aside);
}

}  // namespace

Status writeColdStart(const DriverConfig& config, const ProxyState& state, Extent extent) {
  const fs::path directory(config.directory);
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) return Error{ErrorCode::Internal, "The start-up configuration cannot be written", error.message()};

  const auto aside = otherFolder(directory);
  if (auto status = writeFolder(config, state, extent, directory / aside); !status) return status;
  if (auto status = checkConfig(config.binary, directory / aside / kConfigFile); !status) return status;

  if (auto status = pointTo(directory / "current", aside); !status) return status;
  std::vector<std::string> files{kConfigFile, kCertificates};
  for (const auto map : kMapFiles) files.push_back(fileName(map));
  for (const auto& file : files)
    if (auto status = pointTo(directory / file, fs::path("current") / file); !status) return status;
  fs::remove_all(directory / (aside == std::string_view("a") ? "b" : "a") / kCertificates, error);
  return syncFolder(directory);
}

Status takeBackColdStart(const DriverConfig& config) {
  const fs::path directory(config.directory);
  const auto before = otherFolder(directory);
  if (!fs::exists(directory / before / kConfigFile)) return failed("go back to", directory / before);
  if (auto status = pointTo(directory / "current", before); !status) return status;
  return syncFolder(directory);
}

std::uint64_t ColdStarts::turn() { return ++given_; }

Status ColdStarts::write(std::uint64_t turn, const DriverConfig& config, const ProxyState& state, Extent extent) {
  const std::lock_guard lock(mutex_);
  if (turn < written_) return ok();
  auto status = writeColdStart(config, state, extent);
  if (status) written_ = turn;
  return status;
}

Status ColdStarts::takeBack(const DriverConfig& config) {
  const std::lock_guard lock(mutex_);
  written_ = 0;  // what waits may be newer than what is there again
  return takeBackColdStart(config);
}

bool hasColdStart(const DriverConfig& config) {
  std::error_code error;
  return fs::exists(fs::path(config.directory) / kConfigFile, error);
}

}  // namespace libra::sidecar::haproxy
