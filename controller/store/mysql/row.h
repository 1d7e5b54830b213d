#pragma once

#include <mysql.h>

#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "controller/model/admin_user.h"
#include "controller/model/load_balancer.h"
#include "controller/store/mysql/galera_error.h"

namespace libra::store::mysql {

using Flag = std::remove_pointer_t<decltype(MYSQL_BIND::is_null)>;  // my_bool, or bool in MySQL 8's library

MYSQL_TIME toSql(Time time);
Time fromSql(const MYSQL_TIME& time);

// Where the client library puts one column of the row it fetches.
struct Column {
  std::int64_t number = 0;
  MYSQL_TIME time{};
  std::vector<char> text;  // room for it; empty when the column is a number or a time
  unsigned long length = 0;
  Flag null = 0;
  Flag truncated = 0;
};

// The fetched row, read from left to right in the order of the SELECT list. What does
// not parse is a Fatal DbError: somebody else wrote it.
class Row {
 public:
  explicit Row(std::span<const Column> columns) : rest_(columns) {}

  template <typename... Fields>
  void read(Fields&... fields) {
    (take(next(), fields), ...);
  }
  bool nextIsNull() const { return rest_.front().null; }
  bool isDone() const { return rest_.empty(); }
  void skip(std::size_t columns) { rest_ = rest_.subspan(columns); }

 private:
  const Column& next() {
    const Column& column = rest_.front();
    skip(1);
    return column;
  }

  template <typename Number>
  requires std::is_arithmetic_v<Number>
  static void take(const Column& column, Number& field) { field = static_cast<Number>(column.number); }
  template <typename T>
  static void take(const Column& column, std::optional<T>& field) {
    field.reset();
    if (!column.null) take(column, field.emplace());
  }
  static void take(const Column& column, std::string& field) { field = text(column); }
  static void take(const Column& column, Time& field) { field = fromSql(column.time); }
  static void take(const Column& column, NetAddress& field) { word(column, field, addressOf); }
  static void take(const Column& column, Protocol& field) { word(column, field, parseProtocol); }
  static void take(const Column& column, Algorithm& field) { word(column, field, parseAlgorithm); }
  static void take(const Column& column, MonitorType& field) { word(column, field, parseMonitorType); }
  static void take(const Column& column, model::LbStatus& field) { word(column, field, model::parseLbStatus); }
  static void take(const Column& column, model::NodeStatus& field) { word(column, field, model::parseNodeStatus); }
  static void take(const Column& column, model::DeviceStatus& field) { word(column, field, model::parseDeviceStatus); }
  static void take(const Column& column, model::AdminLevel& field) { word(column, field, model::parseAdminLevel); }

  static std::string_view text(const Column& column) { return {column.text.data(), column.null ? 0 : column.length}; }
  static std::optional<NetAddress> addressOf(std::string_view bytes);

  template <typename T, typename Parse>
  static void word(const Column& column, T& field, Parse parse) {
    const auto value = parse(text(column));
    if (!value) throw DbError{DbError::Kind::Fatal, 0, "a value this binary does not know", "read row"};
    field = *value;
  }

  std::span<const Column> rest_;
};

}  // namespace libra::store::mysql
