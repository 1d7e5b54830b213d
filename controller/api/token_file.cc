#include "controller/api/token_file.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <optional>
#include <sstream>
#include <system_error>

#include "lib/base/files.h"
#include "lib/log/log.h"
#include "lib/tls/digest.h"

namespace libra::api {

namespace {

constexpr log::Logger kLog{"api"};
constexpr std::size_t kHashDigits = 64;
constexpr std::size_t kLongestTenant = 128;  // spec/libra.md 1.2

std::optional<Role> parseRole(std::string_view word) {
  if (word == "tenant") return Role::Tenant;
  if (word == "USER") return Role::User;
  if (word == "ADMIN") return Role::Admin;
  return std::nullopt;
}

bool isHash(std::string_view word) {
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  return word.size() == kHashDigits && std::all_of(word.begin(), word.end(), is_digit);
}

std::vector<std::string> wordsOf(const std::string& line) {
  std::istringstream words(line.substr(0, line.find('#')));
  return {std::istream_iterator<std::string>(words), {}};
}

// What is wrong with the words of a line, or nothing.
const char* faultOf(const std::vector<std::string>& words) {
  if (words.size() != 3) return "want '<sha256 of token> <tenant> <role>'";
  if (!isHash(words[0])) return "the hash is not 64 lower-case hex digits";
  if (words[1].size() > kLongestTenant) return "the tenant is longer than 128 bytes";
  if (!parseRole(words[2])) return "the role is none of tenant, USER, ADMIN";
  return nullptr;
}

Error unusable(const std::string& path, const std::string& why) {
  return {ErrorCode::Invalid, "Token file " + path + ": " + why};
}

// Who may write the file may call himself anybody.
Status checkOwnership(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return unusable(path, std::generic_category().message(errno));
  if (!S_ISREG(status.st_mode)) return unusable(path, "not a regular file");
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) return unusable(path, "writable by others than its owner");
  return ok();
}

}  // namespace

Result<std::unique_ptr<TokenFile>> TokenFile::open(std::string path) {
  std::unique_ptr<TokenFile> file(new TokenFile(std::move(path)));
  file->seen_ = file->fingerprint();
  auto entries = file->load();
  if (!entries) return entries.error();
  file->entries_ = *entries;
  return file;
}

// Every entry is compared to its end, so the time tells neither where a hash differs nor
// which entry it was.
Result<Caller> TokenFile::identify(const std::string& token) {
  if (token.empty()) return Error{ErrorCode::Unauthorized, "X-Auth-Token is missing"};
  const std::string hash = tls::sha256Hex(token);
  const auto entries = current();
  const Entry* found = nullptr;
  for (const Entry& entry : *entries)
    if (tls::equalInConstantTime(entry.hash, hash)) found = &entry;
  if (found == nullptr) return Error{ErrorCode::Unauthorized, "Token is not valid"};
  return found->caller;
}

Result<TokenFile::Entries> TokenFile::parse(const std::string& path, std::string_view text) {
  Entries entries;
  std::istringstream lines{std::string(text)};
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    const auto words = wordsOf(line);
    if (words.empty()) continue;
    if (const char* fault = faultOf(words)) return unusable(path, "line " + std::to_string(number) + ": " + fault);
    entries.push_back({words[0], {words[1], *parseRole(words[2])}});
  }
  return entries;
}

Result<std::shared_ptr<const TokenFile::Entries>> TokenFile::load() const {
  if (auto trusted = checkOwnership(path_); !trusted) return trusted.error();
  const auto text = readFile(path_);
  if (!text) return text.error();
  auto entries = parse(path_, *text);
  if (!entries) return entries.error();
  return std::shared_ptr<const Entries>(std::make_shared<Entries>(*std::move(entries)));
}

std::string TokenFile::fingerprint() const {
  struct stat s {};
  if (::stat(path_.c_str(), &s) != 0) return "absent";
  std::ostringstream text;
  text << s.st_dev << ' ' << s.st_ino << ' ' << s.st_size << ' ' << s.st_mode << ' ' << s.st_ctim.tv_sec << '.'
       << s.st_ctim.tv_nsec;
  return text.str();
}

std::shared_ptr<const TokenFile::Entries> TokenFile::current() {
  std::lock_guard lock(mutex_);
  // Taken before reading: a change during the read is seen as one more change.
  std::string now = fingerprint();
  if (now == seen_) return entries_;
  seen_ = std::move(now);
  if (auto entries = load()) {
    entries_ = *entries;
    kLog.info("token file read again: {} tokens", entries_->size());
  } else {
    kLog.error("{}; the tokens read before stay in use", entries.error().message);
  }
  return entries_;
}

}  // namespace libra::api
