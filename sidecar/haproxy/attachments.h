#pragma once

// What a load balancer has that does not fit into its descriptor: its access list and its
// error page, as entries of a map each. A descriptor names them, "15.1", and they are never
// changed under their name: a change is another name, and one entry of lb.map publishes it.
// Entries nobody names wait for the sidecar to remove them.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/protocol/device_state.h"
#include "sidecar/haproxy/proxy_state.h"

namespace libra::sidecar::haproxy {

constexpr std::size_t kMostPageLines = 64;
constexpr std::size_t kLongestPage = 14'000;  // an answer has one buffer of 16,384 bytes

// The entries of a list, by key without the name. HAProxy asks with ".4." or ".6." and the
// client's address in hexadecimal digits, and the longest key that begins so decides:
//   ".4." → "deny|d0.0.0.0/0", ".4.0A" → "allow|a10.0.0.0/8"
// A rule whose prefix is no multiple of four is in up to eight entries. The verdict is that
// of all rules that hold there, not of the longest; the rules stand after it to be read back.
Entries accessEntries(const std::vector<protocol::AccessRule>& rules);
std::vector<protocol::AccessRule> accessRules(const Entries& entries);  // sorted

// A page, one entry per line that is not empty, percent-encoded: ".0" → "%3Ch1%3E…".
Entries pageEntries(std::string_view page);
std::string pageText(const Entries& entries);

// As pageText() gives it back: no carriage returns, no empty lines at either end. Nothing
// when this proxy cannot send it.
std::optional<std::string> normalPage(std::string_view page);

// The entries of one name, as they were put in.
Entries attachment(const Entries& map, const std::string& name);
void attach(Entries& map, const std::string& name, const Entries& entries);

// The owner's name under which the map holds exactly these entries, else one with none.
std::string attachmentName(const Entries& map, const std::string& owner, const Entries& entries);

// "15.1" of "15.1.4.0A"; "" of what is no key of ours.
std::string_view attachmentOf(std::string_view key);

}  // namespace libra::sidecar::haproxy
