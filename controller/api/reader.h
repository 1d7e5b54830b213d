#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "lib/base/result.h"
#include "lib/json/value.h"

namespace libra::api {

// Reads the members of a JSON object with the rules and texts of spec/libra.md 1.4: null is
// absent, unknown members are not looked at, decimal strings are integers. The first fault
// stays in the `fault` all readers of one body share; what is read after it does not count.
class Reader {
 public:
  using Fault = std::optional<Error>;

  Reader(json::Value object, Fault& fault) : object_(std::move(object)), fault_(&fault) {}

  std::optional<std::string> text(std::string_view name) const;  // without NUL characters
  std::optional<std::int64_t> integer(std::string_view name) const;
  Reader object(std::string_view name) const;  // an empty one when absent

  // Calls `element` with each object of a list, until the first fault. False when absent.
  bool list(std::string_view name, const std::function<void(const Reader&)>& element) const;

  template <typename T>
  using Words = std::initializer_list<std::pair<std::string_view, T>>;
  template <typename T>
  std::optional<T> oneOf(std::string_view name, Words<T> words) const;

  // `value`, or the fault of an absent member: reader.required("name", reader.text("name")).
  template <typename T>
  T required(std::string_view name, std::optional<T> value) const {
    if (!value) missing(name);
    return std::move(value).value_or(T{});
  }
  void missing(std::string_view name) const;

 private:
  json::Value member(std::string_view name) const;  // null and absent alike are absent
  void fail(std::string text) const;
  void refuse(std::string_view name, const json::Value& value, std::string_view why) const;
  void wrongType(std::string_view name, const json::Value& value, std::string_view expected) const;

  json::Value object_;
  Fault* fault_;
};

// Parses `body`, which must be one JSON object, and reads it with `read(const Reader&)`.
template <typename Read>
auto readBody(std::string_view body, Read&& read) -> Result<std::invoke_result_t<Read, const Reader&>>;

Result<json::Value> parseObject(std::string_view body);

// ---- templates

template <typename T>
std::optional<T> Reader::oneOf(std::string_view name, Words<T> words) const {
  const auto value = member(name);
  if (!value) return std::nullopt;
  std::string known;
  for (const auto& [word, meaning] : words) {
    if (value.isString() && value.text() == word) return meaning;
    known.append(known.empty() ? "" : ", ").append(word);
  }
  refuse(name, value, "Value should be one of: " + known);
  return std::nullopt;
}

template <typename Read>
auto readBody(std::string_view body, Read&& read) -> Result<std::invoke_result_t<Read, const Reader&>> {
  auto object = parseObject(body);
  if (!object) return object.error();
  Reader::Fault fault;
  auto value = read(Reader(*std::move(object), fault));
  if (fault) return *std::move(fault);
  return value;
}

}  // namespace libra::api
