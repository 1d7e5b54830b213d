#pragma once

#include <sys/types.h>

#include <string>

#include "lib/tls/authority.h"

namespace libra::bench {

struct Crew {
  std::string folder;  // for certificates
  std::string name;    // of its devices, before their number
  int devices = 1;
  int port = 0;  // of the watcher, on 127.0.0.1
};

// A process of its own with the hearts of so many sidecars, each with its own certificate,
// TLS connection and UDP socket. The caller has no threads yet.
class ManySidecars {
 public:
  ManySidecars(const tls::Identity& authority, const Crew& crew);
  ~ManySidecars();

  void freeze(bool frozen) const;

 private:
  pid_t process_;
};

tls::Files issued(const tls::Identity& authority, const std::string& folder, const std::string& name,
                  const std::string& uri);  // dies when it cannot

}  // namespace libra::bench
