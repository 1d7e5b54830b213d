#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"

namespace libra::config {

struct FileState;

// A table of the file, "" for its top. Each read marks its key as known; a missing
// key gives the fallback. Problems are collected in the File, reads go on with the
// fallback, so one run tells the operator all that is wrong. Cheap to copy; valid
// also when the table is missing from the file (everything is then the fallback).
class Section {
 public:
  bool present() const;                  // is the table in the file at all
  bool has(std::string_view key) const;  // does not mark the key as known

  std::string text(std::string_view key, std::string fallback = {});
  std::string needText(std::string_view key);  // missing or empty is a problem
  std::string oneOf(std::string_view key, std::vector<std::string> choices, std::string fallback);
  std::int64_t integer(std::string_view key, std::int64_t fallback, std::int64_t least, std::int64_t most);
  bool flag(std::string_view key, bool fallback = false);
  std::vector<std::string> texts(std::string_view key, std::vector<std::string> fallback = {});
  std::vector<std::int64_t> integers(std::string_view key, std::vector<std::int64_t> fallback, std::int64_t least,
                                     std::int64_t most);

  Section section(std::string_view key);                // [this.key]
  std::vector<Section> sections(std::string_view key);  // [[this.key]]

  // For what the caller checks itself: "file:line: section.key: text".
  void problem(std::string_view key, std::string_view text);

 private:
  friend class File;
  Section(std::shared_ptr<FileState> file, const void* table, std::string path)
      : file_(std::move(file)), table_(table), path_(std::move(path)) {}

  std::shared_ptr<FileState> file_;
  const void* table_;  // toml::table of file_, null when missing
  std::string path_;
};

// A TOML file read with types. Not for use from two threads at once.
//   auto file = config::File::read(path); if (!file) return file.error();
//   auto api = file->section("api");
//   settings.listen = api.text("listen", "127.0.0.1:8443");
//   settings.workers = api.integer("workers", 8, 1, 256);
//   if (auto status = file->finish(); !status) return status.error();
class File {
 public:
  static Result<File> read(const std::string& path);                             // Invalid: unreadable or no TOML
  static Result<File> parse(const std::string& name, std::string_view content);  // `name` stands in messages

  Section top();
  Section section(std::string_view key) { return top().section(key); }
  std::vector<Section> sections(std::string_view key) { return top().sections(key); }

  // Every problem so far and every key nobody asked for, sorted by line.
  std::vector<std::string> problems() const;
  std::vector<std::string> defaulted() const;  // "section.key" of all that was asked for and is not there
  Status finish() const;                       // Invalid with problems(), one per line; ok when there are none

 private:
  explicit File(std::shared_ptr<FileState> state) : state_(std::move(state)) {}
  std::shared_ptr<FileState> state_;
};

}  // namespace libra::config
