#include <sys/stat.h>

#include "lib/log/log.h"
#include "lib/tls/context.h"

namespace libra::tls {

namespace {

constexpr log::Logger kLog{"tls"};
constexpr std::chrono::seconds kLookAgain{1};

}  // namespace

Result<std::shared_ptr<ReloadingContext>> ReloadingContext::open(const Files& files, Role role) {
  std::shared_ptr<ReloadingContext> self(new ReloadingContext(files, role));
  self->loaded_ = self->fingerprint();
  self->looked_ = std::chrono::steady_clock::now();
  auto context = self->build();
  if (!context) return context.error();
  self->context_ = *std::move(context);
  return self;
}

Context ReloadingContext::current() {
  std::lock_guard lock(mutex_);
  refresh(false);
  return context_;
}

void ReloadingContext::reloadNow() {
  std::lock_guard lock(mutex_);
  refresh(true);
}

int ReloadingContext::reloads() const {
  std::lock_guard lock(mutex_);
  return reloads_;
}

Result<Context> ReloadingContext::build() const {
  return role_ == Role::Client ? clientContext(files_) : serverContext(files_, role_ == Role::MutualServer);
}

std::string ReloadingContext::fingerprint() const {
  std::string text;
  for (const std::string* path : {&files_.ca, &files_.certificate, &files_.key}) {
    struct stat file {};
    if (path->empty() || ::stat(path->c_str(), &file) != 0) {
      text += "none;";
      continue;
    }
    for (const long long part : {static_cast<long long>(file.st_dev), static_cast<long long>(file.st_ino),
                                 static_cast<long long>(file.st_size), static_cast<long long>(file.st_mtim.tv_sec),
                                 static_cast<long long>(file.st_mtim.tv_nsec)})
      text += std::to_string(part) + ",";
    text += ';';
  }
  return text;
}

void ReloadingContext::refresh(bool even_if_recent) {
  const auto now = std::chrono::steady_clock::now();
  if (!even_if_recent && now - looked_ < kLookAgain) return;
  looked_ = now;
  std::string seen = fingerprint();  // before reading: a change meanwhile is seen next time
  if (seen == loaded_) return;
  loaded_ = std::move(seen);

  auto context = build();
  if (!context) {
    kLog.error("new certificates are unusable, the old ones stay: {}", context.error().message);
    return;
  }
  context_ = *std::move(context);
  ++reloads_;
  kLog.info("certificates reloaded: {}", files_.certificate.empty() ? files_.ca : files_.certificate);
}

}  // namespace libra::tls
