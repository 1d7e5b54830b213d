#include "lib/http/router.h"

#include <algorithm>
#include <optional>

#include "lib/http/message.h"

namespace libra::http {

namespace {

bool isPlaceholder(std::string_view segment) { return segment.starts_with('{') && segment.ends_with('}'); }

// The parts between slashes, without the empty one after a trailing slash; nullopt when
// another is empty or there is no leading slash.
std::optional<std::vector<std::string_view>> split(std::string_view path) {
  if (!path.starts_with('/')) return std::nullopt;
  std::vector<std::string_view> segments;
  for (path.remove_prefix(1); !path.empty();) {
    const std::string_view segment = path.substr(0, path.find('/'));
    if (segment.empty()) return std::nullopt;
    segments.push_back(segment);
    path.remove_prefix(std::min(segment.size() + 1, path.size()));
  }
  return segments;
}

std::optional<std::vector<std::string>> decode(std::string_view path) {
  const auto parts = split(path);
  if (!parts) return std::nullopt;
  std::vector<std::string> segments;
  segments.reserve(parts->size());
  for (const auto part : *parts) {
    auto segment = percentDecode(part);
    if (!segment || segment->find('/') != segment->npos || segment->find('\0') != segment->npos) return std::nullopt;
    segments.push_back(*std::move(segment));
  }
  return segments;
}

bool matches(const std::vector<std::string>& pattern, const std::vector<std::string>& segments) {
  return std::equal(pattern.begin(), pattern.end(), segments.begin(), segments.end(),
                    [](const auto& want, const auto& have) { return isPlaceholder(want) || want == have; });
}

// Of two patterns that match the same path: the one with a literal at the first difference in kind.
bool moreLiteral(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                      [](const auto& x, const auto& y) { return isPlaceholder(x) < isPlaceholder(y); });
}

}  // namespace

const std::string& PathValues::operator[](std::string_view name) const {
  static const std::string kNone;
  for (const auto& [key, value] : values_)
    if (key == name) return value;
  return kNone;
}

std::size_t RouteTable::add(std::string method, std::string_view pattern) {
  auto path = std::find_if(paths_.begin(), paths_.end(), [&](const Path& known) { return known.pattern == pattern; });
  if (path == paths_.end()) {
    Path fresh{std::string(pattern), {}, {}};
    if (const auto parts = split(pattern)) fresh.segments.assign(parts->begin(), parts->end());
    path = paths_.insert(paths_.end(), std::move(fresh));
  }
  path->methods.push_back({std::move(method), routes_});
  return routes_++;
}

const RouteTable::Path* RouteTable::best(const std::vector<std::string>& segments) const {
  const Path* found = nullptr;
  for (const Path& path : paths_)
    if (matches(path.segments, segments) && (!found || moreLiteral(path.segments, found->segments))) found = &path;
  return found;
}

RouteTable::Match RouteTable::match(std::string_view method, std::string_view path) const {
  Match match;
  auto segments = decode(path);
  const Path* found = segments ? best(*segments) : nullptr;
  if (!found) return match;
  match.pattern = found->pattern;
  match.allow = allowed(*found);

  const Method* route = methodOf(*found, method);
  if (!route && method == "HEAD") route = methodOf(*found, "GET");
  if (!route) {
    match.kind = Match::Kind::MethodNotAllowed;
    return match;
  }
  match.kind = Match::Kind::Found;
  match.route = route->route;
  for (std::size_t i = 0; i < segments->size(); ++i) {
    const std::string& name = found->segments[i];
    if (isPlaceholder(name)) match.values.add(name.substr(1, name.size() - 2), std::move((*segments)[i]));
  }
  return match;
}

const RouteTable::Method* RouteTable::methodOf(const Path& path, std::string_view name) {
  const auto found =
      std::find_if(path.methods.begin(), path.methods.end(), [&](const Method& method) { return method.name == name; });
  return found == path.methods.end() ? nullptr : &*found;
}

std::string RouteTable::allowed(const Path& path) {
  std::vector<std::string_view> names;
  for (const auto& method : path.methods) names.push_back(method.name);
  if (methodOf(path, "GET") && !methodOf(path, "HEAD")) names.push_back("HEAD");
  std::sort(names.begin(), names.end());
  std::string text;
  for (const auto name : names) {
    if (!text.empty()) text += ", ";
    text += name;
  }
  return text;
}

}  // namespace libra::http
