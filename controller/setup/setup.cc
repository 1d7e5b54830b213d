#include "controller/setup/setup.h"

#include <grp.h>

#include <filesystem>

#include "controller/setup/settings_text.h"
#include "controller/store/mysql/create_database.h"
#include "controller/store/mysql/mysql_store.h"
#include "lib/base/files.h"
#include "lib/base/ids.h"
#include "lib/base/net_address.h"
#include "lib/base/owned_files.h"
#include "lib/tls/digest.h"

namespace libra::setup {

namespace {

constexpr int kAuthorityDays = 3650;
constexpr int kCertificateDays = 825;
constexpr std::size_t kSecretBytes = 24;

bool exists(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

bool groupExists(const std::string& name) { return ::getgrnam(name.c_str()) != nullptr; }

tls::Subject serverSubject(const std::string& host, const std::string& common_name) {
  tls::Subject subject{.common_name = common_name, .client = false};
  (NetAddress::parse(host) ? subject.ip : subject.dns).push_back(host);
  return subject;
}

}  // namespace

Status Setup::run() {
  for (auto step : {&Setup::makeFolders, &Setup::makeCertificates, &Setup::makeJobServerFiles, &Setup::makeDatabase,
                    &Setup::makeToken, &Setup::makeSettings})
    if (auto done = (this->*step)(); !done) return done;
  return ok();
}

Status Setup::makeFolders() {
  if (auto made = makeFolderFor(options_.group, options_.folder + "/controller"); !made) return made;
  if (auto made = makeFolderFor(options_.group, options_.state, 0770); !made) return made;
  return makeFolderFor(options_.group, options_.state + "/invitations", 0770);
}

Status Setup::writeOnce(const std::string& group, const std::string& path, const std::string& content) {
  if (exists(path)) return say_("kept  " + path), ok();
  auto written = writeFileFor(group, path, content);
  if (written) say_("made  " + path);
  return written;
}

Status Setup::makeCertificates() {
  if (!exists(own("ca.key"))) {
    const auto authority = tls::createAuthority("Libra authority", tls::validFor(clock_.now(), kAuthorityDays));
    if (!authority) return authority.error();
    if (auto written = writeOnce(options_.group, own("ca.crt"), authority->certificate); !written) return written;
    if (auto written = writeOnce(options_.group, own("ca.key"), authority->key); !written) return written;
  }
  auto api = serverSubject(options_.host, "Libra API");
  api.dns.push_back("localhost");
  api.ip.push_back("127.0.0.1");
  if (auto made = makeIdentity("api", api); !made) return made;
  // Devices call it by its address.
  const tls::Subject watcher{
      .common_name = "controller", .dns = {"controller"}, .ip = {options_.address}, .uri = {"libra:controller"}};
  if (auto made = makeIdentity("controller", watcher); !made) return made;
  auto front = serverSubject(options_.host, "Libra job server");
  front.uri.push_back("libra:jobserver");
  return makeIdentity("jobserver", front);
}

Status Setup::makeIdentity(const std::string& name, const tls::Subject& subject) {
  if (exists(own(name + ".key"))) return say_("kept  " + own(name + ".crt")), ok();
  const auto authority = tls::readIdentity(options_.folder + "/controller", "ca");
  if (!authority) return authority.error();
  const auto identity = tls::issueCertificate(*authority, subject, tls::validFor(clock_.now(), kCertificateDays));
  if (!identity) return identity.error();
  if (auto written = writeFileFor(options_.group, own(name + ".crt"), identity->certificate); !written) return written;
  if (auto written = writeFileFor(options_.group, own(name + ".key"), identity->key); !written) return written;
  return say_("made  " + own(name + ".crt")), ok();
}

// For the front on this machine; for one elsewhere the folder is copied there.
Status Setup::makeJobServerFiles() {
  if (!groupExists(options_.job_server_group))
    return say_("left  the job server's front: no group '" + options_.job_server_group + "' here"), ok();
  const std::string folder = options_.folder + "/jobserver";
  if (auto made = makeFolderFor(options_.job_server_group, folder); !made) return made;
  const auto identity = tls::readIdentity(options_.folder + "/controller", "jobserver");
  if (!identity) return identity.error();
  const auto ca = readFile(own("ca.crt"));
  if (!ca) return ca.error();
  if (auto written = writeOnce(options_.job_server_group, folder + "/ca.crt", *ca); !written) return written;
  return writeOnce(options_.job_server_group, folder + "/jobserver.pem", identity->certificate + identity->key);
}

Status Setup::makeDatabase() {
  if (auto written = writeOnce(options_.group, own("database-password"), randomHex(kSecretBytes) + "\n"); !written)
    return written;
  auto password = readFile(own("database-password"), 4096);
  if (!password) return password.error();
  store::mysql::Options admin;
  admin.servers = {options_.database};
  admin.user = options_.database_admin;
  admin.password = options_.database_admin_password;
  admin.schema = "mysql";
  auto ours = admin;
  ours.user = ours.schema = "libra";
  ours.password = password->substr(0, password->find_last_not_of("\r\n") + 1);
  if (auto created = store::mysql::createDatabase(admin, ours); !created) return created;
  if (auto migrated = store::mysql::migrate(ours); !migrated) return migrated;
  return say_("ready database libra on " + options_.database), ok();
}

Status Setup::makeToken() {
  if (exists(own("tokens"))) return say_("kept  " + own("tokens")), ok();
  const std::string token = randomHex(kSecretBytes);
  auto written = writeOnce(options_.group, own("tokens"), tls::sha256Hex(token) + " " + options_.admin + " ADMIN\n");
  if (written) token_ = token;
  return written;
}

Status Setup::makeSettings() {
  return writeOnce(options_.group, options_.folder + "/controller.toml", settingsText(options_));
}

}  // namespace libra::setup
