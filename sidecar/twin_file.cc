#include "sidecar/twin_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>

#include "lib/base/files.h"
#include "lib/base/handles.h"
#include "lib/tls/digest.h"

namespace libra::sidecar {

namespace {

constexpr std::size_t kBlock = 16 * 1024;  // the files grow in these steps, so that most writes change no metadata
constexpr std::size_t kDigest = 64;

struct Record {
  std::uint64_t sequence = 0;
  std::string text;
};

// "<digest> <sequence>\n<text>\n", padded with blanks; the digest is of all that stands
// between it and the padding.
std::string encode(const Record& record) {
  const std::string body = std::to_string(record.sequence) + "\n" + record.text + "\n";
  std::string whole = tls::sha256Hex(body) + " " + body;
  whole.resize((whole.size() + kBlock - 1) / kBlock * kBlock, ' ');
  return whole;
}

std::optional<Record> decode(std::string_view whole) {
  const auto end = whole.find_last_not_of(' ');
  if (end == whole.npos || end <= kDigest + 1) return std::nullopt;
  const auto body = whole.substr(kDigest + 1, end - kDigest);
  if (tls::sha256Hex(body) != whole.substr(0, kDigest)) return std::nullopt;
  Record record;
  const auto line = body.find('\n');
  const auto [stop, error] = std::from_chars(body.data(), body.data() + std::min(line, body.size()), record.sequence);
  if (error != std::errc{} || stop != body.data() + line) return std::nullopt;
  record.text = body.substr(line + 1, body.size() - line - 2);
  return record;
}

Error failure(const std::string& path) {
  return {ErrorCode::Internal, "The device cannot store its state", path + ": " + std::strerror(errno)};
}

// In place and never shorter: what the last, longer text left behind is blanked.
Status overwrite(const std::string& path, std::string whole) {
  const bool is_new = !std::filesystem::exists(path);
  const Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  if (!file) return failure(path);
  const auto length = ::lseek(file.get(), 0, SEEK_END);
  if (length > static_cast<off_t>(whole.size())) whole.resize(static_cast<std::size_t>(length), ' ');
  for (std::size_t done = 0; done < whole.size();) {
    const ssize_t written = ::pwrite(file.get(), whole.data() + done, whole.size() - done, static_cast<off_t>(done));
    if (written < 0 && errno != EINTR) return failure(path);
    if (written > 0) done += static_cast<std::size_t>(written);
  }
  if (::fdatasync(file.get()) != 0) return failure(path);
  if (!is_new) return ok();
  const auto folder = std::filesystem::path(path).parent_path().string();
  const Fd opened(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return opened && ::fsync(opened.get()) == 0 ? ok() : Status(failure(path));
}

}  // namespace

Result<std::optional<std::string>> TwinFile::read() {
  std::optional<Record> newest;
  bool damaged = false;
  for (const std::uint64_t turn : {0, 1}) {
    if (!std::filesystem::exists(twin(turn))) continue;
    const auto whole = readFile(twin(turn));
    if (!whole) return whole.error();
    auto record = decode(*whole);
    damaged = damaged || !record;
    if (record && (!newest || record->sequence > newest->sequence)) newest = std::move(record);
  }
  if (!newest && damaged) return Error{ErrorCode::Invalid, "The stored state of this device is damaged", path_};
  if (!newest) return std::optional<std::string>();
  sequence_ = newest->sequence;
  return std::optional(std::move(newest->text));
}

Status TwinFile::write(std::string_view text) {
  const Record next{sequence_ + 1, std::string(text)};
  if (auto written = overwrite(twin(next.sequence), encode(next)); !written) return written;
  sequence_ = next.sequence;
  return ok();
}

}  // namespace libra::sidecar
