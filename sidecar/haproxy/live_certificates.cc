#include "sidecar/haproxy/live_certificates.h"

#include "sidecar/haproxy/certificates.h"

namespace libra::sidecar::haproxy {

namespace {

std::string_view nextLine(std::string_view& text) {
  const auto line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(text.size(), line.size() + 1));
  return line;
}

std::set<int> listenersOf(const ProxyState& state) {
  std::set<int> listeners;
  for (const auto& [store, digest] : state.certificates)
    if (const auto name = StoreName::parse(store)) listeners.insert(name->listener);
  return listeners;
}

}  // namespace

std::string readFingerprint(std::string_view answer) {
  constexpr std::string_view kBefore = "\nSHA1 FingerPrint: ";
  const auto at = answer.find(kBefore);
  if (at == answer.npos) return "";
  answer.remove_prefix(at + kBefore.size());
  return std::string(nextLine(answer));
}

FileNames readFileNames(std::string_view answer) {
  FileNames files;
  while (!answer.empty()) {
    auto line = nextLine(answer);
    line = line.substr(0, line.find(' '));
    if (line.empty() || line.front() == '#') continue;
    if (line.front() == '*')
      files.transaction = line.substr(1);
    else
      files.names.emplace(line);
  }
  return files;
}

Status readCertificates(RuntimeSocket& socket, std::string_view certificates, std::string_view authorities,
                        ProxyState& state) {
  const auto held = readFileNames(certificates);
  state.transaction = held.transaction;
  state.authorities.clear();
  state.stores.clear();
  for (const auto& name : readFileNames(authorities).names)
    if (isAuthorityName(name)) state.authorities[name] = "";

  std::vector<std::string> commands, stores;
  for (const int listener : listenersOf(state)) commands.push_back("show ssl crt-list " + hostListOf(listener));
  const auto lists = commands.size();
  for (const auto& store : held.names)
    if (const auto name = StoreName::parse(store); name && (!name->host.empty() || state.certificates.count(store)))
      stores.push_back(store);
  for (const auto& store : stores) commands.push_back("show ssl cert " + store);
  const auto answers = socket.run(commands);
  if (!answers) return answers.error();

  std::set<std::string> listed;
  for (std::size_t i = 0; i < lists; ++i) listed.merge(readFileNames(answers->at(i)).names);
  for (std::size_t i = 0; i < stores.size(); ++i)
    state.stores[stores[i]] = {readFingerprint(answers->at(lists + i)), listed.count(stores[i]) > 0, {}};
  return ok();
}

}  // namespace libra::sidecar::haproxy
