#pragma once

#include <mysql.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "controller/store/mysql/row.h"
#include "lib/base/handles.h"

namespace libra::store::mysql {

// One value for a `?`. Text and addresses are looked at, not copied: they must outlive
// the execution. An unset optional is NULL.
class Parameter {
 public:
  Parameter(std::nullopt_t) {}
  template <typename T>
  Parameter(const std::optional<T>& value) {
    if (value) *this = Parameter(*value);
  }
  template <typename Number>
  requires std::is_integral_v<Number> Parameter(Number value)
      : type_(MYSQL_TYPE_LONGLONG), number_(static_cast<std::int64_t>(value)), unsigned_(std::is_unsigned_v<Number>) {}
  template <typename Enum>
  requires std::is_enum_v<Enum> Parameter(Enum value) : Parameter(std::string_view(name(value))) {}
  Parameter(std::string_view value) : type_(MYSQL_TYPE_STRING), text_(value) {}
  Parameter(const std::string& value) : Parameter(std::string_view(value)) {}
  Parameter(const char* value) : Parameter(std::string_view(value)) {}
  Parameter(Time value) : type_(MYSQL_TYPE_DATETIME), time_(toSql(value)) {}
  Parameter(const NetAddress& value)
      : Parameter(std::string_view(reinterpret_cast<const char*>(value.bytes().data()), value.isV6() ? 16 : 4)) {}

  MYSQL_BIND bind();

 private:
  enum_field_types type_ = MYSQL_TYPE_NULL;
  std::int64_t number_ = 0;
  bool unsigned_ = false;
  std::string_view text_;
  MYSQL_TIME time_{};
};

// "(?, ?), (?, ?)": what follows VALUES.
std::string placeholders(std::size_t rows, std::size_t columns);

// A prepared statement with room for its result. Belongs to its connection and its
// thread. Every failure is thrown as DbError.
class Statement {
 public:
  Statement(MYSQL* connection, std::string_view sql);

  // Runs it; a result is brought over whole, so others may run while it is read.
  void execute(std::span<Parameter> parameters);
  bool fetch();
  Row row() const { return Row(columns_); }
  void freeResult();

  std::uint64_t affected() const { return mysql_stmt_affected_rows(handle_.get()); }
  std::uint64_t insertId() const { return mysql_stmt_insert_id(handle_.get()); }

 private:
  void prepareColumns();
  [[noreturn]] void fail() const;

  std::string sql_;
  std::unique_ptr<MYSQL_STMT, FreeWith<mysql_stmt_close>> handle_;
  std::vector<Column> columns_;
  std::vector<MYSQL_BIND> results_;
};

}  // namespace libra::store::mysql
