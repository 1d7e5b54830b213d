#include "controller/provider/netns_provider.h"

#include "controller/provider/line_socket.h"

namespace libra::provider {

Result<model::NewDevice> NetnsProvider::build(const service::Site& site) {
  const auto answer = ask({"build", site.name});
  if (!answer) return answer.error();
  model::NewDevice device;
  device.name = device.provider_id = site.name;
  device.address = answer->address;
  device.zone = site.zone.empty() ? options_.zone : site.zone;
  device.host_group = site.host_group;  // a word only: all namespaces are on this host
  device.driver = "haproxy";
  return device;
}

Status NetnsProvider::destroy(const std::string& name) {
  const auto answer = ask({"destroy", name});
  return answer ? ok() : Status(answer.error());
}

Status NetnsProvider::fence(const std::string& name) {
  const auto answer = ask({"fence", name});
  return answer ? ok() : Status(answer.error());
}

Result<std::vector<std::string>> NetnsProvider::list() {
  auto answer = ask({"list", ""});
  if (!answer) return answer.error();
  return std::move(answer->names);
}

Result<netns::Answer> NetnsProvider::ask(const netns::Request& request) const {
  const auto deadline = std::chrono::steady_clock::now() + options_.deadline;
  const auto failed = [&](const std::string& why) {
    return Error{ErrorCode::Unavailable, "The provider of devices failed, try again",
                 "netns helper, " + request.action + " " + request.name + ": " + why};
  };
  const auto socket = connectTo(options_.socket);
  if (!socket) return failed(socket.error().message);
  if (const auto sent = writeLine(socket->get(), netns::write(request), deadline); !sent)
    return failed(sent.error().message);
  const auto line = readLine(socket->get(), netns::kLongestMessage, deadline);
  if (!line) return failed(line.error().message);
  auto answer = netns::readAnswer(*line);
  if (!answer) return failed(answer.error().message);
  if (!answer->error.empty()) return failed(answer->error);
  return answer;
}

}  // namespace libra::provider
