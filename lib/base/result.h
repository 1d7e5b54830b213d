#pragma once

#include <string>
#include <utility>
#include <variant>

namespace libra {

// What kind of failure; api/faults.cc alone maps these to HTTP.
enum class ErrorCode {
  Invalid,       // the caller's input is wrong
  Unauthorized,  // no or bad credentials
  Forbidden,
  NotFound,
  NotAllowed,  // the method does not exist on this resource
  Conflict,
  OverLimit,
  TooLarge,
  Immutable,    // the object's state forbids the change now
  Unavailable,  // nothing wrong with the request; try again
  Internal
};

struct Error {
  ErrorCode code;
  std::string message;  // shown to the tenant: says what to do, holds no internals
  std::string detail;   // for the log only

  Error(ErrorCode what, std::string text, std::string log_text = {})
      : code(what), message(std::move(text)), detail(std::move(log_text)) {}
};

// Either a T or the reason there is none. Ignoring one does not compile.
template <typename T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const { return state_.index() == 0; }
  T& operator*() & { return std::get<0>(state_); }
  const T& operator*() const& { return std::get<0>(state_); }
  T&& operator*() && { return std::get<0>(std::move(state_)); }
  T* operator->() { return &std::get<0>(state_); }
  const T* operator->() const { return &std::get<0>(state_); }
  const Error& error() const { return std::get<1>(state_); }

 private:
  std::variant<T, Error> state_;
};

using Status = Result<std::monostate>;

inline Status ok() { return Status(std::monostate{}); }

}  // namespace libra
