#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "controller/api/identity.h"

namespace libra::api {

// Tokens of a small site in a file, one a line: "<sha256 hex of the token> <tenant> <role>"
// with role tenant, USER or ADMIN; empty lines and "#" comments are skipped. The file holds
// no token, only their hashes, and must be writable by its owner alone.
//
// It is looked at before each answer and read again when it changed. A new version that is
// not well-formed is logged with its line and the tokens read before stay in use.
class TokenFile final : public Identity {
 public:
  static Result<std::unique_ptr<TokenFile>> open(std::string path);

  Result<Caller> identify(const std::string& token) override;

 private:
  struct Entry {
    std::string hash;
    Caller caller;
  };
  using Entries = std::vector<Entry>;

  explicit TokenFile(std::string path) : path_(std::move(path)) {}
  static Result<Entries> parse(const std::string& path, std::string_view text);
  Result<std::shared_ptr<const Entries>> load() const;
  std::string fingerprint() const;  // changes when the file does
  std::shared_ptr<const Entries> current();

  const std::string path_;
  std::mutex mutex_;
  std::shared_ptr<const Entries> entries_;
  std::string seen_;  // fingerprint of the last version looked at, good or bad
};

}  // namespace libra::api
