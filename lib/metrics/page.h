#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "lib/metrics/histogram.h"

namespace libra::metrics {

// Writes Prometheus' text format, version 0.0.4:
//   page.family("libra_devices", "gauge", "Devices by state");
//   page.sample({{"state", "ONLINE"}}, 3);
// Names and types are ours and valid; the values of labels may be any text.
class Page {
 public:
  static constexpr const char* kContentType = "text/plain; version=0.0.4; charset=utf-8";
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  void family(std::string_view name, std::string_view type, std::string_view help);
  // Of the family that began last.
  void sample(Labels labels, double value);
  void histogram(Labels labels, const Histogram& histogram);

  std::string take() { return std::move(text_); }

 private:
  void line(std::string_view suffix, Labels labels, std::string_view bound, double value);

  std::string name_;
  std::string text_;
};

}  // namespace libra::metrics
