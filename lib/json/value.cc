#include "lib/json/value.h"

#include "lib/base/utf8.h"

namespace libra::json {

namespace {

int appendTo(const char* bytes, std::size_t size, void* text) {
  static_cast<std::string*>(text)->append(bytes, size);
  return 0;
}

std::string written(const Value& value, std::size_t flags) {
  std::string text;
  if (!value || json_dump_callback(value.raw(), appendTo, &text, flags | JSON_ENCODE_ANY) != 0) return "null";
  return text;
}

}  // namespace

Value Value::adopt(json_t* owned) {
  Value value;
  if (owned != nullptr) value.raw_ = std::shared_ptr<json_t>(owned, [](json_t* raw) { json_decref(raw); });
  return value;
}

Value Value::borrow(json_t* seen) { return adopt(json_incref(seen)); }
Value Value::object() { return adopt(json_object()); }
Value Value::array() { return adopt(json_array()); }
Value Value::null() { return adopt(json_null()); }

Value Value::of(std::string_view text) {
  if (json_t* exact = json_stringn(text.data() == nullptr ? "" : text.data(), text.size())) return adopt(exact);
  const std::string repaired = repairUtf8(text);
  return adopt(json_stringn(repaired.data(), repaired.size()));
}

Value Value::of(std::int64_t number) { return adopt(json_integer(number)); }
Value Value::of(bool flag) { return adopt(json_boolean(flag)); }
Value Value::of(double number) { return adopt(json_real(number)); }

bool Value::isObject() const { return json_is_object(raw()); }
bool Value::isArray() const { return json_is_array(raw()); }
bool Value::isString() const { return json_is_string(raw()); }
bool Value::isInteger() const { return json_is_integer(raw()); }
bool Value::isReal() const { return json_is_real(raw()); }
bool Value::isBool() const { return json_is_boolean(raw()); }
bool Value::isNull() const { return json_is_null(raw()); }

Value Value::operator[](std::string_view key) const { return borrow(json_object_getn(raw(), key.data(), key.size())); }
Value Value::operator[](std::size_t index) const { return borrow(json_array_get(raw(), index)); }

std::size_t Value::size() const { return isArray() ? json_array_size(raw()) : json_object_size(raw()); }

void Value::eachMember(const std::function<void(std::string_view, const Value&)>& visit) const {
  for (void* at = json_object_iter(raw()); at != nullptr; at = json_object_iter_next(raw(), at))
    visit({json_object_iter_key(at), json_object_iter_key_len(at)}, borrow(json_object_iter_value(at)));
}

std::string Value::text() const {
  return isString() ? std::string(json_string_value(raw()), json_string_length(raw())) : std::string();
}

std::int64_t Value::integer(std::int64_t fallback) const { return isInteger() ? json_integer_value(raw()) : fallback; }
double Value::real(double fallback) const { return json_is_number(raw()) ? json_number_value(raw()) : fallback; }
bool Value::boolean(bool fallback) const { return isBool() ? json_is_true(raw()) : fallback; }

Value& Value::set(std::string_view key, const Value& value) {
  if (!value) return *this;
  if (isUtf8(key)) {
    json_object_setn(raw(), key.data(), key.size(), value.raw());
  } else {
    const std::string repaired = repairUtf8(key);
    json_object_setn(raw(), repaired.data(), repaired.size(), value.raw());
  }
  return *this;
}

Value& Value::erase(std::string_view key) {
  json_object_deln(raw(), key.data(), key.size());
  return *this;
}

Value& Value::push(const Value& value) {
  if (value) json_array_append(raw(), value.raw());
  return *this;
}

Result<Value> parse(std::string_view text) {
  json_error_t error;
  json_t* root = json_loadb(text.data() == nullptr ? "" : text.data(), text.size(),
                            JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
  if (root != nullptr) return Value::adopt(root);
  return Error{ErrorCode::Invalid, "Invalid JSON at line " + std::to_string(error.line) + ", column " +
                                       std::to_string(error.column) + ": " + repairUtf8(error.text)};
}

std::string dump(const Value& value, bool ascii) {
  return written(value, JSON_COMPACT | (ascii ? JSON_ENSURE_ASCII : 0));
}

std::string pretty(const Value& value) { return written(value, JSON_INDENT(2)); }

}  // namespace libra::json
