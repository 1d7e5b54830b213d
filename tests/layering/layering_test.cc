// The rules of dependency (style.md section 3): which of our folders each folder may
// include, and which folders alone may include a library's headers. The link lists say
// the same, but headers of the system are visible to every target.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>

#include "tests/support/paths.h"

namespace {

namespace fs = std::filesystem;

struct Folder {
  std::string path;
  std::set<std::string> may_include;  // itself is understood; "lib/" is all of lib
};

// The longest path that fits a file decides.
const std::vector<Folder> kFolders = {
    {"lib/base", {}},
    {"lib/log", {"lib/base"}},
    {"lib/json", {"lib/base"}},
    {"lib/metrics", {"lib/base"}},
    {"lib/config", {"lib/base"}},
    {"lib/event", {"lib/base", "lib/log"}},
    {"lib/tls", {"lib/base", "lib/log"}},
    {"lib/seal", {"lib/base", "lib/log", "lib/tls"}},
    {"lib/regex", {"lib/base"}},
    {"lib/net", {"lib/base", "lib/event", "lib/tls"}},
    {"lib/http", {"lib/base", "lib/log", "lib/event", "lib/tls"}},
    {"lib/protocol", {"lib/base", "lib/json", "lib/regex"}},
    {"lib/gear", {"lib/base", "lib/log", "lib/event", "lib/tls"}},
    {"lib/heartbeat", {"lib/base", "lib/log", "lib/event", "lib/tls"}},
    {"lib/daemon", {"lib/base", "lib/log", "lib/event", "lib/config"}},
    {"lib", {}},
    {"controller/model", {"lib/base", "lib/protocol/terms.h"}},
    {"controller/service",
     {"controller/model", "lib/base", "lib/log", "lib/event", "lib/metrics", "lib/protocol", "lib/json/value.h"}},
    {"controller/api", {"controller/model", "controller/service", "lib/"}},
    {"controller/store",
     {"controller/model", "controller/service", "lib/base", "lib/log", "lib/tls", "lib/protocol/terms.h"}},
    {"controller/jobs", {"controller/model", "controller/service", "lib/"}},
    {"controller/watch", {"controller/model", "controller/service", "lib/"}},
    {"controller/provider", {"controller/model", "controller/service", "lib/"}},
    {"controller/enrolment", {"lib/"}},
    {"controller/alerts", {"controller/model", "controller/service", "lib/"}},
    {"controller", {"controller/", "lib/"}},
    {"sidecar", {"sidecar/", "lib/", "modules/steer/steer.h"}},
    {"modules/steer", {"lib/base"}},
    {"cli", {"lib/"}},
};

// Headers of these libraries stay in these folders.
const std::vector<std::pair<std::string, std::set<std::string>>> kLibraries = {
    {"mysql", {"controller/store/mysql"}},
    {"mariadb", {"controller/store/mysql"}},
    {"libgearman", {"lib/gear"}},
    {"re2/", {"lib/regex"}},
    {"event2/", {"lib/event", "lib/net", "lib/http", "lib/gear", "lib/heartbeat", "lib/daemon"}},
    {"jansson", {"lib/json"}},
    {"openssl/", {"lib/tls", "lib/seal", "lib/net", "lib/gear", "lib/heartbeat", "lib/http"}},
    {"curl/", {"lib/http"}},
    {"toml", {"lib/config"}},
    {"spdlog", {"lib/log"}},
    {"CLI/", {"cli"}},
    {"bpf/", {"modules/steer", "sidecar/steer"}},
    {"lib/json/value.h",
     {"lib", "controller/alerts", "controller/api", "controller/jobs", "controller/provider", "sidecar", "cli"}},
};

bool starts(const std::string& text, const std::string& with) { return text.compare(0, with.size(), with) == 0; }

bool isIn(const std::string& path, const std::string& folder) {
  return path == folder || starts(path, folder.back() == '/' ? folder : folder + "/");
}

const Folder* folderOf(const std::string& file) {
  const Folder* best = nullptr;
  for (const auto& folder : kFolders)
    if (isIn(file, folder.path) && (!best || folder.path.size() > best->path.size())) best = &folder;
  return best;
}

std::vector<std::string> sources() {
  std::vector<std::string> found;
  const fs::path top = libra::test::sourceDir();
  for (const char* root : {"lib", "controller", "sidecar", "cli", "modules/steer"})
    for (const auto& entry : fs::recursive_directory_iterator(top / root)) {
      const auto extension = entry.path().extension();
      if (extension == ".h" || extension == ".cc") found.push_back(fs::relative(entry.path(), top));
    }
  return found;
}

std::vector<std::string> includesOf(const std::string& file) {
  static const std::regex kInclude(R"(^\s*#\s*include\s*[<"]([^>"]+)[>"])");
  std::ifstream in(fs::path(libra::test::sourceDir()) / file);
  std::vector<std::string> found;
  std::smatch match;
  for (std::string line; std::getline(in, line);)
    if (std::regex_search(line, match, kInclude)) found.push_back(match[1]);
  return found;
}

bool isOurs(const std::string& include) {
  for (const char* root : {"lib/", "controller/", "sidecar/", "cli/", "modules/", "tests/", "bench/"})
    if (starts(include, root)) return true;
  return false;
}

bool mayInclude(const Folder& folder, const std::string& include) {
  if (isIn(include, folder.path)) return true;
  for (const auto& allowed : folder.may_include)
    if (isIn(include, allowed)) return true;
  return false;
}

std::string brokenRule(const std::string& file, const std::string& include) {
  for (const auto& [library, homes] : kLibraries) {
    if (!starts(include, library)) continue;
    for (const auto& home : homes)
      if (isIn(file, home)) return {};
    return file + " includes " + include + ", which belongs to other folders";
  }
  const Folder* folder = folderOf(file);
  if (isOurs(include) && folder && !mayInclude(*folder, include))
    return file + " includes " + include + ", which " + folder->path + " may not";
  return {};
}

TEST(Layering, EveryFileKeepsTheRules) {
  int seen = 0;
  for (const auto& file : sources())
    for (const auto& include : includesOf(file)) {
      ++seen;
      EXPECT_EQ(brokenRule(file, include), "");
    }
  EXPECT_GT(seen, 500) << "the sources were not found";
}

TEST(Layering, ARuleThatIsBrokenIsSeen) {
  EXPECT_NE(brokenRule("controller/service/x.cc", "mysql.h"), "");
  EXPECT_NE(brokenRule("controller/service/x.cc", "controller/api/codec.h"), "");
  EXPECT_NE(brokenRule("sidecar/agent.cc", "controller/model/device.h"), "");
  EXPECT_NE(brokenRule("lib/base/x.cc", "lib/log/log.h"), "");
  EXPECT_EQ(brokenRule("controller/api/x.cc", "controller/service/nodes.h"), "");
}

}  // namespace
