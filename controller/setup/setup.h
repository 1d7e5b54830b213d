#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/result.h"
#include "lib/tls/authority.h"

namespace libra::setup {

struct Options {
  std::string folder = "/etc/libra";
  std::string state = "/var/lib/libra";
  std::string group = "libra";               // the controller's
  std::string job_server_group = "haproxy";  // of the TLS front's user
  std::string host;                          // name or address by which devices and tenants reach this machine
  std::string address;                       // of it, when host is a name; devices are heard there
  std::vector<std::string> vip_ranges;
  std::string vip_prefix = "32";
  std::vector<std::pair<std::string, std::string>> devices;  // name, address
  std::string admin = "operator";                            // tenant with level ADMIN
  std::string database = "unix:/run/mysqld/mysqld.sock";
  std::string database_admin = "root";
  std::string database_admin_password;
};

// What a first controller needs before it starts: authority and certificates, database and
// schema, a token for the operator, settings. Whatever is there already is kept, so it can
// be run again after a failure; each step is told to `say`, in one line.
class Setup {
 public:
  using Say = std::function<void(const std::string& line)>;

  Setup(Options options, const Clock& clock, Say say)
      : options_(std::move(options)), clock_(clock), say_(std::move(say)) {}

  Status run();

  // The operator's new token; empty when there was one. Shown once, stored nowhere.
  const std::string& token() const { return token_; }

 private:
  Status makeFolders();
  Status makeCertificates();
  Status makeIdentity(const std::string& name, const tls::Subject& subject);
  Status makeJobServerFiles();
  Status makeDatabase();
  Status makeToken();
  Status makeSettings();
  Status writeOnce(const std::string& group, const std::string& path, const std::string& content);
  std::string own(const std::string& file) const { return options_.folder + "/controller/" + file; }

  const Options options_;
  const Clock& clock_;
  const Say say_;
  std::string token_;
};

}  // namespace libra::setup
