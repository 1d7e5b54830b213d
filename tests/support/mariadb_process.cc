#include "tests/support/mariadb_process.h"

#include <fcntl.h>
#include <mysql.h>
#include <pwd.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>

#include "lib/base/handles.h"

namespace libra::test {

namespace fs = std::filesystem;

namespace {

const std::vector<std::string> kFastAndUnsafe = {"--skip-name-resolve", "--innodb-flush-method=nosync",
                                                 "--innodb-flush-log-at-trx-commit=0", "--innodb-log-file-size=8M",
                                                 "--innodb-doublewrite=0"};

std::vector<std::string> operator+(std::vector<std::string> left, const std::vector<std::string>& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

void installInto(const std::string& data) {
  const TempDir scratch;
  ChildProcess install(
      std::vector<std::string>{"mariadb-install-db", "--no-defaults", "--user=root", "--datadir=" + data,
                               "--auth-root-authentication-method=normal", "--skip-test-db"} +
          kFastAndUnsafe,
      scratch / "install.log");
  if (!waitFor([&] { return install.hasEnded(); }, std::chrono::seconds(60)) || !fs::exists(data + "/mysql"))
    throw std::runtime_error("mariadb-install-db failed:\n" + install.output());
}

void giveTo(const std::string& user, const std::string& folder) {
  const passwd* known = ::getpwnam(user.c_str());
  if (known == nullptr) throw std::runtime_error("no user " + user);
  const auto give = [&](const fs::path& path) {
    if (::lchown(path.c_str(), known->pw_uid, known->pw_gid) != 0)
      throw std::runtime_error("cannot give away " + path.string());
  };
  give(folder);
  for (const auto& entry : fs::recursive_directory_iterator(folder)) give(entry.path());
}

using Handle = std::unique_ptr<MYSQL, FreeWith<mysql_close>>;

Handle asRoot(const std::string& socket) {
  Handle handle(mysql_init(nullptr));
  const bool connected = mysql_real_connect(handle.get(), nullptr, "root", "", nullptr, 0, socket.c_str(), 0);
  return connected ? std::move(handle) : nullptr;
}

}  // namespace

// Made aside and renamed under a lock, so that parallel tests see all of it or nothing.
std::string MariadbProcess::preparedData(const std::string& name, const std::function<void(const std::string&)>& make) {
  const std::string home = "/tmp/libra-mariadb-" + std::to_string(::getuid());
  fs::create_directories(home);
  const Fd lock(::open((home + "/" + name + ".lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600));
  if (::flock(lock.get(), LOCK_EX) != 0) throw std::runtime_error("cannot lock " + home);
  const std::string ready = home + "/" + name;
  if (!fs::exists(ready)) {
    const std::string fresh = ready + ".new";
    fs::remove_all(fresh);
    make(fresh);
    fs::rename(fresh, ready);
  }
  return ready;
}

std::string MariadbProcess::templateData() { return preparedData("data", installInto); }

MariadbProcess::MariadbProcess(std::vector<std::string> extra, const std::string& data, std::string user)
    : user_(std::move(user)), port_(freePort()) {
  fs::copy(data, dir_ / "data", fs::copy_options::recursive);
  fs::create_directory(dir_ / "tmp");
  giveTo(user_, dir_.path());
  constexpr int kAttempts = 5;  // a port can be lost to another test between choosing and binding
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    start(extra);
    waitFor([&] { return process_->hasEnded() || asRoot(socket()); }, std::chrono::seconds(30));
    if (process_->pid() != 0) return;
    port_ = freePort();
  }
  throw std::runtime_error("mariadbd did not start:\n" + process_->output());
}

void MariadbProcess::start(const std::vector<std::string>& extra) {
  process_ = std::make_unique<ChildProcess>(
      std::vector<std::string>{"mariadbd", "--no-defaults", "--user=" + user_, "--datadir=" + (dir_ / "data"),
                               "--tmpdir=" + (dir_ / "tmp"), "--socket=" + socket(), "--port=" + std::to_string(port_),
                               "--bind-address=127.0.0.1", "--pid-file=" + (dir_ / "pid"), "--performance-schema=OFF",
                               "--innodb-buffer-pool-size=32M", "--innodb-buffer-pool-load-at-startup=0",
                               "--innodb-stats-persistent=0", "--key-buffer-size=1M", "--aria-pagecache-buffer-size=8M",
                               "--character-set-server=utf8mb4", "--collation-server=utf8mb4_bin"} +
          kFastAndUnsafe + extra,
      dir_ / "log");
}

std::string MariadbProcess::makeSchema() {
  const std::string name = "t" + std::to_string(++schemas_);
  // A node of Galera takes connections a little before it takes statements.
  const bool made = waitFor(
      [&] {
        const auto handle = asRoot(socket());
        return handle && mysql_query(handle.get(), ("CREATE DATABASE " + name).c_str()) == 0;
      },
      std::chrono::seconds(10));
  if (!made) throw std::runtime_error("no database " + name + ":\n" + process_->output());
  return name;
}

std::string MariadbProcess::ask(const std::string& sql) const {
  const auto handle = asRoot(socket());
  if (!handle || mysql_query(handle.get(), sql.c_str()) != 0) return {};
  const std::unique_ptr<MYSQL_RES, FreeWith<mysql_free_result>> result(mysql_store_result(handle.get()));
  const MYSQL_ROW row = result ? mysql_fetch_row(result.get()) : nullptr;
  const char* last = row ? row[mysql_num_fields(result.get()) - 1] : nullptr;
  return last ? last : "";
}

store::mysql::Options MariadbProcess::options(const std::string& schema) const {
  store::mysql::Options options;
  options.servers = {"unix:" + socket()};
  options.user = "root";
  options.schema = schema;
  return options;
}

}  // namespace libra::test
