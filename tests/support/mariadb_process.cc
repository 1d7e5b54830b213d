#include "tests/support/mariadb_process.h"

#include <fcntl.h>
#include <mysql.h>
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

void installInto(const std::string& data, const TempDir& scratch) {
  ChildProcess install(
      std::vector<std::string>{"mariadb-install-db", "--no-defaults", "--user=root", "--datadir=" + data,
                               "--auth-root-authentication-method=normal", "--skip-test-db"} +
          kFastAndUnsafe,
      scratch / "install.log");
  if (!waitFor([&] { return install.hasEnded(); }, std::chrono::seconds(60)) || !fs::exists(data + "/mysql"))
    throw std::runtime_error("mariadb-install-db failed:\n" + install.output());
}

// Made aside and renamed under a lock, so that parallel tests see all of it or nothing.
std::string templateData() {
  const std::string home = "/tmp/libra-mariadb-" + std::to_string(::getuid());
  fs::create_directories(home);
  const Fd lock(::open((home + "/lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600));
  if (::flock(lock.get(), LOCK_EX) != 0) throw std::runtime_error("cannot lock " + home);
  const std::string ready = home + "/data";
  if (!fs::exists(ready)) {
    const TempDir scratch;
    const std::string fresh = home + "/new";
    fs::remove_all(fresh);
    installInto(fresh, scratch);
    fs::rename(fresh, ready);
  }
  return ready;
}

bool answers(const std::string& socket) {
  const std::unique_ptr<MYSQL, FreeWith<mysql_close>> handle(mysql_init(nullptr));
  return mysql_real_connect(handle.get(), nullptr, "root", "", nullptr, 0, socket.c_str(), 0) != nullptr;
}

}  // namespace

MariadbProcess::MariadbProcess(std::vector<std::string> extra) {
  fs::copy(templateData(), dir_ / "data", fs::copy_options::recursive);
  fs::create_directory(dir_ / "tmp");
  constexpr int kAttempts = 5;  // a port can be lost to another test between choosing and binding
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    start(extra);
    waitFor([&] { return process_->hasEnded() || answers(socket()); }, std::chrono::seconds(30));
    if (process_->pid() != 0) return;
  }
  throw std::runtime_error("mariadbd did not start:\n" + process_->output());
}

void MariadbProcess::start(const std::vector<std::string>& extra) {
  port_ = freePort();
  process_ = std::make_unique<ChildProcess>(
      std::vector<std::string>{"mariadbd", "--no-defaults", "--user=root", "--datadir=" + (dir_ / "data"),
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
  const std::string sql = "CREATE DATABASE " + name;
  const std::unique_ptr<MYSQL, FreeWith<mysql_close>> handle(mysql_init(nullptr));
  if (!mysql_real_connect(handle.get(), nullptr, "root", "", nullptr, 0, socket().c_str(), 0) ||
      mysql_query(handle.get(), sql.c_str()) != 0)
    throw std::runtime_error(mysql_error(handle.get()));
  return name;
}

store::mysql::Options MariadbProcess::options(const std::string& schema) const {
  store::mysql::Options options;
  options.servers = {"unix:" + socket()};
  options.user = "root";
  options.schema = schema;
  return options;
}

}  // namespace libra::test
