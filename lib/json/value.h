#pragma once

#include <jansson.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "lib/base/result.h"

namespace libra::json {

// A JSON value, shared ownership over jansson's reference count. Cheap to copy.
// Not for use from two threads at once.
class Value {
 public:
  Value() = default;                  // "absent": every is…() false
  static Value adopt(json_t* owned);  // takes the reference
  static Value borrow(json_t* seen);  // adds one
  static Value object();
  static Value array();
  static Value null();
  static Value of(std::string_view text);  // invalid UTF-8 is replaced, never dropped
  static Value of(std::int64_t number);
  static Value of(bool flag);
  static Value of(double number);
  static Value of(const char* text) { return of(std::string_view(text)); }
  static Value of(int number) { return of(static_cast<std::int64_t>(number)); }

  explicit operator bool() const { return raw_ != nullptr; }  // present at all (may be JSON null)
  bool isObject() const;
  bool isArray() const;
  bool isString() const;
  bool isInteger() const;
  bool isReal() const;
  bool isBool() const;
  bool isNull() const;

  Value operator[](std::string_view key) const;  // absent when missing or not an object
  Value operator[](std::size_t index) const;
  std::size_t size() const;  // array or object members
  // Of an object, in the order of the text it was parsed from.
  void eachMember(const std::function<void(std::string_view name, const Value& value)>& visit) const;

  std::string text() const;  // "" unless a string; may hold NUL bytes
  std::int64_t integer(std::int64_t fallback = 0) const;
  double real(double fallback = 0) const;  // also of integers
  bool boolean(bool fallback = false) const;

  // Builders; on object / array only.
  Value& set(std::string_view key, const Value& value);
  template <typename T>
  Value& set(std::string_view key, const T& value) {
    return set(key, Value::of(value));
  }
  Value& set(std::string_view key, const std::string& value) { return set(key, Value::of(std::string_view(value))); }
  Value& erase(std::string_view key);
  Value& push(const Value& value);

  json_t* raw() const { return raw_.get(); }

 private:
  std::shared_ptr<json_t> raw_;
};

// Parses one whole document. Hostile input is expected: bounded depth (JSON_PARSER
// limit), duplicate keys refused, error message says line and column.
Result<Value> parse(std::string_view text);

// Compact text, UTF-8. `ascii` escapes everything else, as the ancestor did.
std::string dump(const Value& value, bool ascii = false);
std::string pretty(const Value& value);

}  // namespace libra::json
