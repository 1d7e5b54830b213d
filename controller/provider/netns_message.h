#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"

// What the netns provider and its privileged helper say to each other: one JSON line
// each way per connection.
namespace libra::provider::netns {

constexpr std::size_t kLongestMessage = 256 * 1024;

struct Request {
  std::string action;  // build, destroy, fence, list
  std::string name;    // of the device; "" for list
};

struct Answer {
  std::string error{};               // "": it went well
  std::string address{};             // of what was built
  std::vector<std::string> names{};  // of list
};

bool isDeviceName(std::string_view name);  // [a-z0-9-]{1,40}, no '-' in front

// Lines without the '\n'. Reading refuses (Invalid) whatever these do not write.
std::string write(const Request& request);
std::string write(const Answer& answer);
Result<Request> readRequest(std::string_view line);
Result<Answer> readAnswer(std::string_view line);

}  // namespace libra::provider::netns
