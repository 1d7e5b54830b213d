#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"

// Named network namespaces, kept as iproute2 keeps them: bind mounts in /run/netns.
namespace libra::provider::netns {

std::string namespacePath(const std::string& name);
std::vector<std::string> namespacesNamed(std::string_view prefix);  // those that begin so
bool isInNamespace(pid_t pid, const std::string& name);

Status createNamespace(const std::string& name);  // an old one of that name is removed before
Status killAllIn(const std::string& name);        // SIGKILL until nothing lives there; absent is ok
Status removeNamespace(const std::string& name);  // with all that lives there; absent is ok

}  // namespace libra::provider::netns
