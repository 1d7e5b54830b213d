#pragma once

#include <ostream>
#include <string>
#include <utility>

namespace libra {

// A text nobody may read by accident: printed it is "*****", who needs it says reveal().
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}

  const std::string& reveal() const { return text_; }
  bool empty() const { return text_.empty(); }
  bool operator==(const Secret&) const = default;
  friend std::ostream& operator<<(std::ostream& out, const Secret&) { return out << "*****"; }

 private:
  std::string text_;
};

}  // namespace libra
