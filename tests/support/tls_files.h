#pragma once

#include <string>
#include <vector>

#include "lib/tls/authority.h"

namespace libra::test {

// A certificate authority in a folder of the test (made if missing). Failures throw.
//   TestCa ca(dir.path());
//   const tls::Files files = ca.issue("front", {.dns = {"localhost"}, .ip = {"127.0.0.1"}});
class TestCa {
 public:
  struct Wish {
    std::vector<std::string> dns = {};
    std::vector<std::string> ip = {};
    std::vector<std::string> uri = {};
    int days = 30;      // validity from now; negative: it expired that many days ago
    int starts_in = 0;  // days from now until it begins to be valid
    bool server = true;
    bool client = true;
  };

  // Several authorities may share a folder under different names.
  explicit TestCa(const std::string& folder, const std::string& name = "ca");

  // <folder>/<name>.crt and .key, with Files::ca set to this authority. Issuing a name
  // again replaces its files.
  tls::Files issue(const std::string& name, const Wish& wish) const;
  tls::Files issue(const std::string& name) const { return issue(name, Wish{}); }

  const std::string& caFile() const { return ca_file_; }

 private:
  std::string folder_;
  std::string ca_file_;
  tls::Identity authority_;
};

}  // namespace libra::test
