#include "controller/api/reader.h"

#include <charconv>

#include "lib/base/utf8.h"

namespace libra::api {

namespace {

constexpr std::size_t kLongestQuote = 256;  // of the caller's input in our answer

// The types as the ancestor's Python called them; clients may match on the texts.
const char* typeOf(const json::Value& value) {
  if (value.isString()) return "unicode";
  if (value.isInteger()) return "int";
  if (value.isReal()) return "float";
  if (value.isBool()) return "bool";
  if (value.isArray()) return "list";
  if (value.isObject()) return "dict";
  return "NoneType";
}

std::string quoted(const json::Value& value) {
  if (value.isNull()) return "None";
  if (value.isBool()) return value.boolean() ? "True" : "False";
  std::string text = value.isString() ? value.text() : json::dump(value);
  if (text.size() <= kLongestQuote) return text;
  std::size_t end = 0;
  for (std::size_t next = 0; next <= kLongestQuote; next += utf8SequenceLength(std::string_view(text).substr(next)))
    end = next;
  return text.substr(0, end) + "...";
}

std::optional<std::int64_t> decimal(const std::string& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string about(std::string_view name) { return "Invalid input for field/attribute " + std::string(name) + ". "; }

}  // namespace

json::Value Reader::member(std::string_view name) const {
  auto value = object_[name];
  return value.isNull() ? json::Value() : value;
}

std::optional<std::string> Reader::text(std::string_view name) const {
  const auto value = member(name);
  if (!value) return std::nullopt;
  if (!value.isString()) {
    wrongType(name, value, "unicode");
    return std::nullopt;
  }
  auto text = value.text();
  if (text.find('\0') != std::string::npos) fail(about(name) + "Text must not contain NUL characters");
  return text;
}

std::optional<std::int64_t> Reader::integer(std::string_view name) const {
  const auto value = member(name);
  if (!value) return std::nullopt;
  if (value.isInteger()) return value.integer();
  if (value.isString())
    if (auto number = decimal(value.text())) return number;
  wrongType(name, value, "int");
  return std::nullopt;
}

Reader Reader::object(std::string_view name) const {
  const auto value = member(name);
  if (value && !value.isObject()) wrongType(name, value, "dict");
  return {value, *fault_};
}

bool Reader::list(std::string_view name, const std::function<void(const Reader&)>& element) const {
  const auto value = member(name);
  if (!value) return false;
  if (!value.isArray()) wrongType(name, value, "list");
  for (std::size_t i = 0; value.isArray() && i < value.size() && !*fault_; ++i) {
    if (!value[i].isObject()) wrongType(name, value[i], "dict");
    element({value[i], *fault_});
  }
  return true;
}

void Reader::missing(std::string_view name) const { refuse(name, json::Value::null(), "Mandatory field missing."); }

void Reader::wrongType(std::string_view name, const json::Value& value, std::string_view expected) const {
  refuse(name, value,
         "Wrong type. Expected '<type '" + std::string(expected) + "'>', got '<type '" + typeOf(value) + "'>'");
}

void Reader::refuse(std::string_view name, const json::Value& value, std::string_view why) const {
  fail(about(name) + "Value: '" + quoted(value) + "'. " + std::string(why));
}

void Reader::fail(std::string text) const {
  if (!*fault_) fault_->emplace(ErrorCode::Invalid, std::move(text));
}

Result<json::Value> parseObject(std::string_view body) {
  const Error not_an_object{ErrorCode::Invalid, "Request body must be a JSON object"};
  if (body.empty()) return not_an_object;
  auto value = json::parse(body);
  if (!value) return value.error();
  if (!value->isObject()) return not_an_object;
  return value;
}

}  // namespace libra::api
