#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace libra::http {

// The values of the {placeholders} of a pattern, percent-decoded, in their order.
class PathValues {
 public:
  void add(std::string name, std::string value) { values_.emplace_back(std::move(name), std::move(value)); }
  const std::string& operator[](std::string_view name) const;  // "" when the pattern has none of that name
  std::size_t size() const { return values_.size(); }

 private:
  std::vector<std::pair<std::string, std::string>> values_;
};

// What a (method, path) leads to. Handlers are of the application's own type H (usually
// a std::function); the router knows nothing of bodies or faults. Built once, then only
// read: match() may be called from any thread.
//   router.add("GET", "/v1.1/loadbalancers/{lb}/nodes", handler);
// A literal segment wins over a placeholder; one trailing slash is tolerated; empty
// segments inside, broken percent escapes and encoded slashes or NULs match nothing.
// HEAD is led to GET unless added itself.
class RouteTable {
 public:
  struct Match {
    enum class Kind { Found, UnknownPath, MethodNotAllowed };
    Kind kind = Kind::UnknownPath;
    std::size_t route = 0;  // index of the add() call, when Found
    PathValues values;      // when Found
    std::string pattern;    // of the path when it is known at all; good as a metrics label
    std::string allow;      // "GET, HEAD, POST" when the path is known
  };

  std::size_t add(std::string method, std::string_view pattern);
  Match match(std::string_view method, std::string_view path) const;

 private:
  struct Method {
    std::string name;
    std::size_t route;
  };
  struct Path {
    std::string pattern;
    std::vector<std::string> segments;  // "{name}" is a placeholder
    std::vector<Method> methods;
  };
  const Path* best(const std::vector<std::string>& segments) const;
  static const Method* methodOf(const Path& path, std::string_view name);
  static std::string allowed(const Path& path);

  std::vector<Path> paths_;
  std::size_t routes_ = 0;
};

template <typename H>
class Router {
 public:
  void add(std::string method, std::string_view pattern, H handler) {
    table_.add(std::move(method), pattern);
    handlers_.push_back(std::move(handler));
  }
  RouteTable::Match match(std::string_view method, std::string_view path) const { return table_.match(method, path); }
  const H& handler(const RouteTable::Match& match) const { return handlers_[match.route]; }  // when Found

 private:
  RouteTable table_;
  std::vector<H> handlers_;
};

}  // namespace libra::http
